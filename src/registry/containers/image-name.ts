import type { ContainerConfiguration } from '../../configuration/configuration.js';
import { ContainerRegistryError } from './container-registry.errors.js';

/** An image name taken apart, with everything that it leaves out filled in. */
export interface ImageName {
  /** `host` or `host:port` of the registry's API. */
  readonly host: string;
  /** `library/postgres` */
  readonly repository: string;
  /** A tag, or a digest like `sha256:…`, which wins over a tag. */
  readonly reference: string;
  /** Whether the reference is a digest, so can never mean another image. */
  readonly isDigest: boolean;
}

/** What an image name may leave out. */
export type ImageNameDefaults = Pick<
  ContainerConfiguration,
  'defaultRegistryHost' | 'defaultRepositoryTag' | 'officialRepositoryNamespace'
>;

// The forms of the OCI distribution specification; what passes is safe in a URL.
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/**
 * Takes an image name apart: `[host[:port]/]repository[:tag][@digest]`. The first part is a host if it has a dot or a
 * colon or is `localhost`; Docker Hub's names stand for the default registry, as does a missing one, and there a repository
 * of one part lies in the official namespace.
 * @throws ContainerRegistryError
 */
export function parseImageName(image: string, defaults: ImageNameDefaults): ImageName {
  const [named = '', digest, ...more] = image.trim().split('@');
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasHost = /[.:]/.test(first) || first === 'localhost';
  const host = registryHost(hasHost ? first : defaults.defaultRegistryHost, defaults.defaultRegistryHost);
  const path = hasHost ? named.slice(slash + 1) : named;
  const colon = path.lastIndexOf(':');
  const name = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? defaults.defaultRepositoryTag : path.slice(colon + 1);
  const isOfficial = host === defaults.defaultRegistryHost && !name.includes('/');
  const repository =
    isOfficial && defaults.officialRepositoryNamespace !== ''
      ? `${defaults.officialRepositoryNamespace}/${name}`
      : name;

  const wellFormed =
    HOST.test(host) &&
    REPOSITORY.test(repository) &&
    repository.length <= 255 &&
    TAG.test(tag) &&
    (digest === undefined || DIGEST.test(digest)) &&
    more.length === 0;
  if (!wellFormed) {
    throw new ContainerRegistryError(
      `'${image}' is no image name; expected [host[:port]/]repository[:tag][@digest], the repository in lower case`,
    );
  }
  return { host, repository, reference: digest ?? tag, isDigest: digest !== undefined };
}

/** Docker Hub's names for itself, in image names and in pull secrets, stand for the host of its API. */
export function registryHost(host: string, defaultRegistryHost: string): string {
  return ['docker.io', 'index.docker.io'].includes(host.toLowerCase()) ? defaultRegistryHost : host;
}
