/** Finds Maven artifacts: in the local repository, else in the remote ones, whence they go to the local one. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { MavenConfiguration, MavenRepository } from '../configuration/configuration.js';
import type { HttpLimits } from './http-client.js';
import {
  artifactFile,
  isSnapshot,
  mavenName,
  parseMavenCoordinates,
  versionDirectory,
  type MavenCoordinates,
} from './maven-coordinates.js';
import { newestBuild, type SnapshotBuild } from './maven-metadata.js';
import { RemoteRepository } from './maven-repository.js';
import { ResourceTransferError, UnresolvableResourceError } from './resource-errors.js';
import { withoutCredentials } from './credentials.js';
import { messageOf } from './system-error.js';

/** Where Maven itself looks when nothing is configured. */
export const DEFAULT_REMOTE_REPOSITORY: MavenRepository = {
  id: 'mavenCentral',
  url: 'https://repo.maven.apache.org/maven2',
  username: undefined,
  password: undefined,
};

/** Resolves `maven:` URIs to files of the local repository, in Maven's own layout, so that Maven and this share it. */
export class MavenResolver {
  readonly #local: string;
  readonly #offline: boolean;
  readonly #remotes: readonly RemoteRepository[];
  readonly #warn: (message: string) => void;

  /** @param limits bounds of a download; timeouts and proxy are taken from the configuration */
  constructor(
    configuration: MavenConfiguration,
    limits: Pick<HttpLimits, 'totalTimeout' | 'maximumBytes'>,
    warn: (message: string) => void,
  ) {
    const { connectTimeout, requestTimeout, proxy, includeDefaultRemoteRepositories } = configuration;
    const bounds = { ...limits, connectTimeout, idleTimeout: requestTimeout, proxy };
    const repositories = [
      ...configuration.remoteRepositories,
      ...(includeDefaultRemoteRepositories ? [DEFAULT_REMOTE_REPOSITORY] : []),
    ];
    this.#local = configuration.localRepository ?? join(homedir(), '.m2', 'repository');
    this.#offline = configuration.offline;
    this.#remotes = repositories.map((repository) => new RemoteRepository(repository, bounds));
    this.#warn = warn;
  }

  /**
   * @param uri `maven://group:artifact[:extension[:classifier]]:version`
   * @returns the path of the artifact's file
   * @throws UnresolvableResourceError when no repository has it
   * @throws ResourceTransferError when a repository that might have it could not be asked
   */
  async resolve(uri: string): Promise<string> {
    const coordinates = parseMavenCoordinates(uri);
    return isSnapshot(coordinates) ? this.#resolveSnapshot(coordinates) : this.#resolveRelease(coordinates);
  }

  /** A release never changes: what is in the local repository is it. */
  async #resolveRelease(coordinates: MavenCoordinates): Promise<string> {
    const file = this.#localFile(coordinates, coordinates.version);
    if (existsSync(file)) return file;
    const troubles: unknown[] = [];
    for (const remote of this.#online()) {
      try {
        if (await this.#fetch(remote, coordinates, coordinates.version, file)) return file;
      } catch (error) {
        troubles.push(error);
      }
    }
    throw this.#notFound(coordinates, troubles);
  }

  /** The newest build that any repository offers, the local one included, where `mvn install` puts its own. */
  async #resolveSnapshot(coordinates: MavenCoordinates): Promise<string> {
    const offers: { readonly remote: RemoteRepository; readonly build: SnapshotBuild }[] = [];
    const troubles: unknown[] = [];
    for (const remote of this.#online()) {
      try {
        const build = await this.#newestBuild(remote, coordinates);
        if (build !== undefined) offers.push({ remote, build });
      } catch (error) {
        troubles.push(error);
      }
    }
    offers.sort((a, b) => b.build.updated.localeCompare(a.build.updated));
    const here = await this.#newestLocalBuild(coordinates);
    for (const { remote, build } of offers) {
      if (here?.installed === true && here.updated >= build.updated) return here.file;
      const file = this.#localFile(coordinates, build.version);
      // A build with a time stamp never changes; one named SNAPSHOT may.
      if (build.version !== coordinates.version && existsSync(file)) return file;
      try {
        if (await this.#fetch(remote, coordinates, build.version, file)) return file;
      } catch (error) {
        troubles.push(error);
      }
    }
    if (here === undefined) throw this.#notFound(coordinates, troubles);
    if (troubles.length > 0)
      this.#warn(`${describe(troubles)} The build in the local repository is used: ${here.file}.`);
    return here.file;
  }

  async #newestBuild(remote: RemoteRepository, coordinates: MavenCoordinates): Promise<SnapshotBuild | undefined> {
    const directory = join(this.#local, versionDirectory(coordinates));
    await mkdir(directory, { recursive: true });
    const path = `${versionDirectory(coordinates)}/maven-metadata.xml`;
    const metadata = await remote.read(path, join(directory, `.${randomUUID()}.part`));
    return metadata === undefined ? undefined : newestBuild(metadata, coordinates);
  }

  async #newestLocalBuild(
    coordinates: MavenCoordinates,
  ): Promise<{ readonly file: string; readonly installed: boolean; readonly updated: string } | undefined> {
    const directory = join(this.#local, versionDirectory(coordinates));
    const names = existsSync(directory) ? await readdir(directory) : [];
    const builds = names.flatMap((name) => {
      const updated = buildTime(name, coordinates);
      return updated === undefined ? [] : [{ file: join(directory, name), installed: false, updated }];
    });
    const installed = join(directory, artifactFile(coordinates));
    if (existsSync(installed)) {
      builds.push({ file: installed, installed: true, updated: digits((await stat(installed)).mtime.toISOString()) });
    }
    return builds.sort((a, b) => b.updated.localeCompare(a.updated))[0];
  }

  async #fetch(
    remote: RemoteRepository,
    coordinates: MavenCoordinates,
    version: string,
    file: string,
  ): Promise<boolean> {
    const directory = join(this.#local, versionDirectory(coordinates));
    await mkdir(directory, { recursive: true });
    const unfinished = join(directory, `.${randomUUID()}.part`);
    try {
      const path = `${versionDirectory(coordinates)}/${artifactFile(coordinates, version)}`;
      if (!(await remote.fetch(path, unfinished))) return false;
      await rename(unfinished, file);
      return true;
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  #online(): readonly RemoteRepository[] {
    return this.#offline ? [] : this.#remotes;
  }

  #localFile(coordinates: MavenCoordinates, version: string): string {
    return join(this.#local, versionDirectory(coordinates), artifactFile(coordinates, version));
  }

  #notFound(coordinates: MavenCoordinates, troubles: readonly unknown[]): Error {
    const name = mavenName(coordinates);
    if (troubles.length > 0) {
      const message = `The Maven artifact ${name} could not be fetched. ${describe(troubles)}`;
      // A repository that refuses today refuses tomorrow; one that is away may come back.
      const isFinal = troubles.every((trouble) => trouble instanceof UnresolvableResourceError);
      return isFinal ? new UnresolvableResourceError(message) : new ResourceTransferError(message);
    }
    const asked = this.#online().map(({ id }) => `'${id}'`);
    const remote = this.#offline
      ? " 'maven.offline' is set, so no other was asked."
      : ` and not in ${asked.length === 0 ? 'any other: none is configured' : `the remote repositories ${asked.join(', ')}`}.`;
    return new UnresolvableResourceError(
      `The Maven artifact ${name} is not in the local repository ${withoutCredentials(this.#local)}${this.#offline ? '.' : ''}${remote}`,
    );
  }
}

/** Sentences for people; addresses of repositories may hold credentials. */
function describe(troubles: readonly unknown[]): string {
  return withoutCredentials(troubles.map(messageOf).join(' '));
}

/** @returns `yyyyMMddHHmmss` of a downloaded build's file name, or undefined for any other file */
function buildTime(name: string, coordinates: MavenCoordinates): string | undefined {
  const [start = '', end = ''] = artifactFile(coordinates, coordinates.version.replace(/SNAPSHOT$/, '\0')).split('\0');
  if (!name.startsWith(start) || !name.endsWith(end)) return undefined;
  const build = /^(\d{8}\.\d{6})-\d+$/.exec(name.slice(start.length, name.length - end.length))?.[1];
  return build === undefined ? undefined : digits(build);
}

function digits(time: string): string {
  return time.replace(/\D/g, '').slice(0, 14);
}
