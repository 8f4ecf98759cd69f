import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LruMap } from '../../collections/lru-map.js';
import { CONFIGURATION, type MillraceConfiguration } from '../../configuration/configuration.js';
import { LOGGER, type ServerLogger } from '../../observability/logger.js';
import type { ImageLabelReader } from '../metadata/image-label-reader.js';
import { ContainerRegistryError } from './container-registry.errors.js';
import { labelsOfConfig, manifestMediaTypes, readManifest } from './image-manifest.js';
import { type ImageName, parseImageName } from './image-name.js';
import { RegistryAuthorization } from './registry-authorization.js';
import { RegistryHttp } from './registry-http.js';
import { type RegistrySettings, RegistrySettingsLookup } from './registry-settings.js';
import type { TransportResponse } from './registry-transport.js';

type Labels = Readonly<Record<string, string>>;

/** ms for all requests about one image together. */
const TOTAL_TIMEOUT = 30_000;
/** Registries take manifests of 4 MB at most. */
const MAXIMUM_MANIFEST = 4 * 1024 * 1024;
const MAXIMUM_CONFIG = 8 * 1024 * 1024;
const REMEMBERED_IMAGES = 100;

/** Reads labels of images from the registries that hold them (OCI distribution specification). */
@Injectable()
export class ContainerRegistries implements ImageLabelReader {
  private readonly settings: RegistrySettingsLookup;
  private readonly http: RegistryHttp;
  private readonly authorization: RegistryAuthorization;
  private readonly remembered = new LruMap<string, { readonly digest: string; readonly labels: Labels }>(
    REMEMBERED_IMAGES,
  );

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Pick<MillraceConfiguration, 'container'>,
    @Inject(LOGGER) logger: Pick<ServerLogger, 'warn'>,
  ) {
    const { container } = configuration;
    this.settings = new RegistrySettingsLookup(container);
    this.http = new RegistryHttp(container);
    this.authorization = new RegistryAuthorization(this.http);
    if (this.settings.problem !== undefined) logger.warn(this.settings.problem);
  }

  /** @throws ContainerRegistryError */
  async labels(image: string): Promise<Labels | undefined> {
    const name = parseImageName(image, this.configuration.container);
    const key = `${name.host}/${name.repository}@${name.reference}`;
    const asker = new ImageAsker(name, this.settings.of(name.host), this.http, this.authorization);
    const known = this.remembered.get(key);
    if (known !== undefined && (name.isDigest || (await asker.currentDigest()) === known.digest)) return known.labels;
    const found = await asker.read();
    if (found === undefined) this.remembered.delete(key);
    else this.remembered.set(key, found);
    return found?.labels;
  }
}

/** The requests about one image, within one deadline. */
class ImageAsker {
  private readonly deadline = AbortSignal.timeout(TOTAL_TIMEOUT);
  private readonly shown: string;

  constructor(
    private readonly name: ImageName,
    private readonly settings: RegistrySettings,
    private readonly http: RegistryHttp,
    private readonly authorization: RegistryAuthorization,
  ) {
    this.shown = `${name.host}/${name.repository}${name.isDigest ? '@' : ':'}${name.reference}`;
  }

  /** Digest of what the name stands for now, without reading it; undefined when the registry does not say. */
  async currentDigest(): Promise<string | undefined> {
    const { status, headers } = await this.manifest('HEAD', this.name.reference);
    const digest = headers['docker-content-digest'];
    return status === 200 && typeof digest === 'string' ? digest : undefined;
  }

  /** @returns undefined when the registry has no such image */
  async read(): Promise<{ digest: string; labels: Labels } | undefined> {
    const response = await this.manifest('GET', this.name.reference);
    if (response.status === 404) return undefined;
    const { reference, isDigest } = this.name;
    const body = this.checked(response, isDigest ? reference : undefined);
    const configDigest = await this.configDigest(body);
    const config = await this.get(`blobs/${configDigest}`, MAXIMUM_CONFIG, {});
    const labels = labelsOfConfig(this.json(this.checked(config, configDigest)), this.shown);
    const stated = response.headers['docker-content-digest'];
    return { digest: typeof stated === 'string' ? stated : digestOf(body), labels };
  }

  private async configDigest(body: Buffer): Promise<string> {
    const manifest = readManifest(this.json(body), this.shown);
    if (manifest.kind === 'image') return manifest.configDigest;
    const chosen = await this.manifest('GET', manifest.manifestDigest);
    const inner = readManifest(this.json(this.checked(chosen, manifest.manifestDigest)), this.shown);
    if (inner.kind === 'image') return inner.configDigest;
    throw new ContainerRegistryError(`Image [${this.shown}] is a list of lists, which is not followed`);
  }

  private manifest(method: 'GET' | 'HEAD', reference: string): Promise<TransportResponse> {
    const accept = manifestMediaTypes(this.settings.manifestMediaType);
    return this.get(`manifests/${reference}`, MAXIMUM_MANIFEST, { accept }, method);
  }

  private async get(
    path: string,
    maximumBytes: number,
    headers: Readonly<Record<string, string>>,
    method: 'GET' | 'HEAD' = 'GET',
  ): Promise<TransportResponse> {
    const { repository } = this.name;
    const send = async () => {
      const authorization = await this.authorization.headerFor(this.settings, repository, this.deadline);
      return this.http.send(
        {
          ...{ method, maximumBytes, to: `/v2/${repository}/${path}` },
          headers: authorization === undefined ? headers : { ...headers, authorization },
        },
        this.settings,
        this.deadline,
      );
    };
    const response = await send();
    if (response.status !== 401) return response;
    // A token can be revoked before its time, and a registry can change its mind about how it authorises.
    this.authorization.forget(this.settings, repository);
    return await send();
  }

  /** @throws ContainerRegistryError unless it is the whole content, and the one that was asked for */
  private checked({ status, body }: TransportResponse, digest: string | undefined): Buffer {
    if (status === 401 || status === 403) {
      throw new ContainerRegistryError(
        `The registry refuses access to ${this.shown} (${status}): credentials are missing or not accepted, or there is no such image`,
      );
    }
    if (status !== 200) throw new ContainerRegistryError(`The registry answers ${status} for ${this.shown}`);
    if (digest?.startsWith('sha256:') === true && digestOf(body) !== digest.toLowerCase()) {
      throw new ContainerRegistryError(`The registry sends something else than ${digest} for ${this.shown}`);
    }
    return body;
  }

  private json(body: Buffer): unknown {
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      throw new ContainerRegistryError(`The registry sends no JSON for ${this.shown}`);
    }
  }
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
