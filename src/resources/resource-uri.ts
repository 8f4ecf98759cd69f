/** The URIs under which applications are registered: `file:`, `http(s):`, `maven:` and `docker:`. Pure. */
import { fileURLToPath } from 'node:url';
import { withoutCredentials } from './credentials.js';
import { parseMavenCoordinates, type MavenCoordinates } from './maven-coordinates.js';
import { UnresolvableResourceError } from './resource-errors.js';

/** What a resource URI names. */
export type ResourceUri =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'http'; readonly url: URL }
  | { readonly kind: 'maven'; readonly coordinates: MavenCoordinates }
  | { readonly kind: 'docker'; readonly image: string };

/** Host, path, tag and digest as registries and engines take them; never something that a command takes for an option. */
const IMAGE = /^[A-Za-z0-9[][A-Za-z0-9._:/@[\]-]*$/;

/** @throws UnresolvableResourceError naming the URI and what is allowed; credentials in the URI are left out */
export function parseResourceUri(uri: string): ResourceUri {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'docker':
      return { kind: 'docker', image: parseImage(uri) };
    case 'maven':
      return { kind: 'maven', coordinates: parseMavenCoordinates(uri) };
    case 'file':
      return { kind: 'file', path: parseFile(uri) };
    case 'http':
    case 'https':
      return { kind: 'http', url: parseUrl(uri) };
    case undefined:
    default:
      throw new UnresolvableResourceError(
        `The resource '${withoutCredentials(uri)}' cannot be used. It must be a URI that begins with file:, http:, https:, maven: or docker:.`,
      );
  }
}

function parseImage(uri: string): string {
  const image = uri.slice('docker:'.length).replace(/^\/\//, '').trim();
  if (IMAGE.test(image)) return image;
  throw new UnresolvableResourceError(
    `The resource '${withoutCredentials(uri)}' names no container image. It must be docker:<image>[:<tag>].`,
  );
}

function parseFile(uri: string): string {
  try {
    // `file:rel` has no meaning of its own: URL would take it from the root of the file system.
    if (!/^file:\//i.test(uri)) throw new Error('not absolute');
    const path = fileURLToPath(uri);
    if (path.includes('\0')) throw new Error('not a path');
    return path;
  } catch {
    throw new UnresolvableResourceError(
      `The resource '${withoutCredentials(uri)}' names no file of this machine. It must be file:/<absolute path>.`,
    );
  }
}

function parseUrl(uri: string): URL {
  try {
    return new URL(uri);
  } catch {
    throw new UnresolvableResourceError(`The resource '${withoutCredentials(uri)}' is no valid URL.`);
  }
}
