/** What a registered URI says of itself: its version, and how SCDF shows it. Pure; nothing is looked up. */
import { parseMavenCoordinates } from './maven-coordinates.js';
import { UnresolvableResourceError } from './resource-errors.js';
import { withoutCredentials } from './credentials.js';

/** The text cannot be a URI, or a URI carries no version where one is needed. The message says why. */
export class InvalidAppUriError extends Error {
  override readonly name = 'InvalidAppUriError';
}

/**
 * Checks the characters of a URI (RFC 3986). Like SCDF it looks no further: whether there is anything behind the URI shows when
 * it is launched or validated.
 * @throws InvalidAppUriError
 */
export function checkAppUri(uri: string): void {
  const illegal = /[\s<>"{}|\\^`]/.exec(uri);
  if (illegal !== null) throw new InvalidAppUriError(`Illegal character in URI at index ${illegal.index}: ${uri}`);
  if (uri === '') throw new InvalidAppUriError('A URI must not be empty');
  if (/^(https?|file):/i.test(uri) && !URL.canParse(uri)) throw new InvalidAppUriError(`'${uri}' is no valid URL`);
}

/** Writes a resource as SCDF shows it in an execution's `resourceUrl` (the text form of Spring's resource classes). */
export function describeResource(uri: string): string {
  const shown = withoutCredentials(uri);
  switch (schemeOf(uri)) {
    case 'docker':
      return `Docker Resource [docker:${imageOf(shown)}]`;
    case 'maven':
      return mavenText(shown);
    case 'file':
      return `URL [${shown.replace(/^file:\/{2,}/i, 'file:/')}]`;
    case 'http':
    case 'https':
      return `URL [${shown}]`;
    case undefined:
    default:
      return shown;
  }
}

/**
 * The version that a URI carries: Maven's, an image's tag (`latest` without one), or that of a file named
 * `<artifact>-<version>[-metadata].<extension>`.
 * @throws InvalidAppUriError when there is none
 */
export function versionOfUri(uri: string): string {
  checkAppUri(uri);
  switch (schemeOf(uri)) {
    case 'maven':
      return mavenVersion(uri);
    case 'docker':
      return tagOf(imageOf(uri)) ?? 'latest';
    case 'file':
    case 'http':
    case 'https':
      return versionOfFile(uri);
    case undefined:
      throw new InvalidAppUriError(
        `Invalid URI schema for resource: ${uri} Expected URI schema prefix like file://, http:// or classpath:// but got none`,
      );
    default:
      throw new InvalidAppUriError(
        `Could not parse version from ${uri}: only docker, maven, http, https and file URIs carry one. Give the version in the path.`,
      );
  }
}

/** The URI with the last occurrence of its own version taken out: what all versions of an app have in common. */
export function uriWithoutVersion(uri: string, version: string): string {
  const at = uri.lastIndexOf(version);
  return at < 0 ? uri : uri.slice(0, at) + uri.slice(at + version.length);
}

function schemeOf(uri: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
}

function imageOf(uri: string): string {
  return uri.replace(/^docker:(\/\/)?/i, '');
}

function tagOf(image: string): string | undefined {
  const name = image.split('@', 1)[0] ?? image;
  return /:([\w][\w.-]{0,127})$/.exec(name.slice(name.lastIndexOf('/') + 1))?.[1];
}

function mavenText(uri: string): string {
  try {
    const { groupId, artifactId, extension, classifier, version } = parseMavenCoordinates(uri);
    return [groupId, artifactId, extension, ...(classifier === undefined ? [] : [classifier]), version].join(':');
  } catch (error) {
    if (error instanceof UnresolvableResourceError) return uri;
    throw error;
  }
}

function mavenVersion(uri: string): string {
  try {
    return parseMavenCoordinates(uri).version;
  } catch (error) {
    if (error instanceof UnresolvableResourceError) throw new InvalidAppUriError(error.message);
    throw error;
  }
}

function versionOfFile(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? url;
  const version = /^.+?-(\d.*?)(?:-metadata)?\.[a-zA-Z]+$/.exec(path.slice(path.lastIndexOf('/') + 1))?.[1];
  if (version !== undefined) return version;
  const shown = url.replace(/^file:\/{2,}/i, 'file:/');
  throw new InvalidAppUriError(
    `Could not parse version from ${shown}, expected format is <artifactId>-<version>.jar or  <artifactId>-<version>-metadata.jar`,
  );
}
