/** Maven coordinates as SCDF writes them, and where a repository keeps them. Pure. */
import { withoutCredentials } from './credentials.js';
import { UnresolvableResourceError } from './resource-errors.js';

/** `group:artifact[:extension[:classifier]]:version` */
export interface MavenCoordinates {
  readonly groupId: string;
  readonly artifactId: string;
  readonly extension: string;
  readonly classifier: string | undefined;
  readonly version: string;
}

const PART = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;

/**
 * @param uri `maven://g:a[:extension[:classifier]]:version`; `maven:g:a:version` is taken too
 * @throws UnresolvableResourceError naming the URI and the form
 */
export function parseMavenCoordinates(uri: string): MavenCoordinates {
  const parts = uri
    .replace(/^maven:(\/\/)?/i, '')
    .trim()
    .split(':');
  const [groupId, artifactId] = parts;
  const version = parts.at(-1);
  // Parts become path segments, so `..` and the like are no names.
  const wellFormed =
    parts.length >= 3 && parts.length <= 5 && parts.every((part) => PART.test(part) && !part.includes('..'));
  if (!wellFormed || groupId === undefined || artifactId === undefined || version === undefined) {
    throw new UnresolvableResourceError(
      `The resource '${withoutCredentials(uri)}' is no Maven artifact. It must be maven://<group>:<artifact>[:<extension>[:<classifier>]]:<version>.`,
    );
  }
  return {
    groupId,
    artifactId,
    extension: parts.length > 3 ? (parts[2] ?? 'jar') : 'jar',
    classifier: parts.length > 4 ? parts[3] : undefined,
    version,
  };
}

/** A version under development, of which a repository keeps several builds. */
export function isSnapshot({ version }: MavenCoordinates): boolean {
  return version.endsWith('-SNAPSHOT');
}

/** The directory of all files of this version, relative to a repository: `org/example/task/1.0.0`. */
export function versionDirectory({ groupId, artifactId, version }: MavenCoordinates): string {
  return `${groupId.replaceAll('.', '/')}/${artifactId}/${version}`;
}

/** @param version the version in the file's name; a snapshot's builds have names with time stamps */
export function artifactFile(coordinates: MavenCoordinates, version = coordinates.version): string {
  const { artifactId, classifier, extension } = coordinates;
  return `${artifactId}-${version}${classifier === undefined ? '' : `-${classifier}`}.${extension}`;
}

/** `group:artifact[:extension[:classifier]]:version`, for messages. */
export function mavenName({ groupId, artifactId, extension, classifier, version }: MavenCoordinates): string {
  const middle = classifier === undefined ? (extension === 'jar' ? [] : [extension]) : [extension, classifier];
  return [groupId, artifactId, ...middle, version].join(':');
}
