/** Brings the resources under which applications are registered to this machine. */
import { join } from 'node:path';
import type { MavenConfiguration } from '../configuration/configuration.js';
import { HttpCache } from './http-cache.js';
import type { HttpLimits } from './http-client.js';
import { MavenResolver } from './maven-resolver.js';
import { UnresolvableResourceError } from './resource-errors.js';
import { parseResourceUri } from './resource-uri.js';

/** What resolution needs to know. */
export interface ResourceResolverOptions {
  /** Absolute; downloads from `http(s):` URIs are kept here. */
  readonly cacheDirectory: string;
  readonly maven: MavenConfiguration;
  /** Takes a sentence about something that went on with second best, e.g. an older copy. */
  readonly warn: (message: string) => void;
  /** Bounds of downloads that differ from {@link DOWNLOAD_LIMITS}. */
  readonly limits?: Partial<HttpLimits>;
}

/** ms and bytes; an application with all its libraries has some hundred megabytes at most. */
export const DOWNLOAD_LIMITS: HttpLimits = {
  connectTimeout: 10_000,
  idleTimeout: 60_000,
  totalTimeout: 1_800_000,
  maximumBytes: 2 * 1024 ** 3,
  proxy: undefined,
};

/** `file:`, `http(s):` and `maven:` URIs to local files. Asked for one URI many times at once, it fetches it once. */
export class ResourceResolver {
  readonly #http: HttpCache;
  readonly #maven: MavenResolver;
  readonly #underWay = new Map<string, Promise<string>>();

  constructor({ cacheDirectory, maven, warn, limits }: ResourceResolverOptions) {
    const bounds = { ...DOWNLOAD_LIMITS, ...limits };
    this.#http = new HttpCache(join(cacheDirectory, 'http'), bounds, warn);
    this.#maven = new MavenResolver(maven, bounds, warn);
  }

  /**
   * @returns the absolute path of the file; for `file:` not checked for existence
   * @throws UnresolvableResourceError when asking again cannot help, also for `docker:`, which is no file
   * @throws ResourceTransferError when it could not be fetched now
   */
  resolve(uri: string): Promise<string> {
    const underWay = this.#underWay.get(uri);
    if (underWay !== undefined) return underWay;
    const resolving = this.#resolve(uri).finally(() => this.#underWay.delete(uri));
    this.#underWay.set(uri, resolving);
    return resolving;
  }

  async #resolve(uri: string): Promise<string> {
    const resource = parseResourceUri(uri);
    switch (resource.kind) {
      case 'file':
        return resource.path;
      case 'http':
        return await this.#http.resolve(resource.url);
      case 'maven':
        return await this.#maven.resolve(uri);
      case 'docker':
        throw new UnresolvableResourceError(`${uri} is a container image and cannot be had as a file.`);
    }
  }
}
