/** Where a task's program comes from: the URI forms that SCDF registers, taken apart. */
export type ResourceUri =
  | { readonly kind: 'docker'; readonly image: string }
  | { readonly kind: 'maven'; readonly coordinates: MavenCoordinates }
  | { readonly kind: 'file' | 'http'; readonly url: string }
  | { readonly kind: 'other'; readonly uri: string };

/** `group:artifact[:extension[:classifier]]:version` */
export interface MavenCoordinates {
  readonly group: string;
  readonly artifact: string;
  /** `jar` unless said otherwise. */
  readonly extension: string;
  readonly classifier: string | undefined;
  readonly version: string;
}

/** The URI cannot be what it claims to be. The message says why. */
export class InvalidResourceUriError extends Error {
  override readonly name = 'InvalidResourceUriError';
}

/**
 * Takes a resource URI apart.
 * @throws InvalidResourceUriError for coordinates that are none, characters that no URI has, and URIs without a scheme
 */
export function parseResourceUri(uri: string): ResourceUri {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    throw new InvalidResourceUriError(
      `Invalid URI schema for resource: ${uri} Expected URI schema prefix like file://, http://, docker: or maven:// but got none`,
    );
  }
  const illegal = /[\s<>"{}|\\^`]/.exec(uri);
  if (illegal !== null) {
    throw new InvalidResourceUriError(`Illegal character in URI at index ${illegal.index}: ${uri}`);
  }
  switch (scheme) {
    case 'docker':
      return { kind: 'docker', image: imageOf(uri) };
    case 'maven':
      return { kind: 'maven', coordinates: coordinatesOf(uri) };
    case 'http':
    case 'https':
      return { kind: 'http', url: checkedUrl(uri) };
    case 'file':
      return { kind: 'file', url: checkedUrl(uri) };
    default:
      return { kind: 'other', uri };
  }
}

/** Writes a resource as SCDF shows it in an execution's `resourceUrl` (the text form of Spring's resource classes). */
export function describeResource(uri: string): string {
  let parsed: ResourceUri;
  try {
    parsed = parseResourceUri(uri);
  } catch {
    return uri;
  }
  switch (parsed.kind) {
    case 'docker':
      return `Docker Resource [docker:${parsed.image}]`;
    case 'maven': {
      const { group, artifact, extension, classifier, version } = parsed.coordinates;
      return [group, artifact, extension, ...(classifier === undefined ? [] : [classifier]), version].join(':');
    }
    case 'file':
      return `URL [${parsed.url.replace(/^file:\/{2,}/, 'file:/')}]`;
    case 'http':
      return `URL [${parsed.url}]`;
    case 'other':
      return parsed.uri;
  }
}

/**
 * The version that a URI carries: Maven's, an image's tag (`latest` without one), or that of a file named
 * `<artifact>-<version>[-metadata].<extension>`.
 * @throws InvalidResourceUriError when there is none
 */
export function versionOfUri(uri: string): string {
  const parsed = parseResourceUri(uri);
  switch (parsed.kind) {
    case 'maven':
      return parsed.coordinates.version;
    case 'docker':
      return tagOf(parsed.image) ?? 'latest';
    case 'file':
    case 'http':
      return versionOfFile(parsed.url);
    case 'other':
      throw new InvalidResourceUriError(
        `Could not parse version from ${uri}: only docker, maven, http, https and file URIs carry one; give the version in the path`,
      );
  }
}

/** The URI with the last occurrence of its own version taken out; what all versions of an app must have in common. */
export function uriWithoutVersion(uri: string, version: string): string {
  const at = uri.lastIndexOf(version);
  return at < 0 ? uri : uri.slice(0, at) + uri.slice(at + version.length);
}

function imageOf(uri: string): string {
  const image = uri.replace(/^docker:(\/\/)?/i, '');
  if (!/^[a-zA-Z0-9][\w./:@-]*$/.test(image)) {
    throw new InvalidResourceUriError(`'${image}' is no image name; expected docker:[registry/]name[:tag][@digest]`);
  }
  return image;
}

function tagOf(image: string): string | undefined {
  const name = image.split('@', 1)[0] ?? image;
  return /:([\w][\w.-]{0,127})$/.exec(name.slice(name.lastIndexOf('/') + 1))?.[1];
}

function coordinatesOf(uri: string): MavenCoordinates {
  const parts = uri.replace(/^maven:(\/\/)?/i, '').split(':');
  const valid = parts.length >= 3 && parts.length <= 5 && parts.every((part) => /^[\w.+-]+$/.test(part));
  const [group = '', artifact = '', third = 'jar', fourth, fifth] = parts;
  if (!valid) {
    throw new InvalidResourceUriError(
      `'${uri}' are no Maven coordinates; expected maven://group:artifact[:extension[:classifier]]:version`,
    );
  }
  if (parts.length === 3) return { group, artifact, extension: 'jar', classifier: undefined, version: third };
  if (parts.length === 4) return { group, artifact, extension: third, classifier: undefined, version: fourth ?? '' };
  return { group, artifact, extension: third, classifier: fourth, version: fifth ?? '' };
}

function checkedUrl(uri: string): string {
  try {
    new URL(uri);
    return uri;
  } catch {
    throw new InvalidResourceUriError(`'${uri}' is no valid URL`);
  }
}

function versionOfFile(url: string): string {
  const file = (url.split(/[?#]/, 1)[0] ?? url).slice(url.lastIndexOf('/') + 1);
  const version = /^.+?-(\d.*?)(?:-metadata)?\.[a-zA-Z]+$/.exec(file)?.[1];
  if (version === undefined) {
    const shown = url.replace(/^file:\/{2,}/, 'file:/');
    throw new InvalidResourceUriError(
      `Could not parse version from ${shown}, expected format is <artifactId>-<version>.jar or  <artifactId>-<version>-metadata.jar`,
    );
  }
  return version;
}
