import { InvalidAppUriError, versionOfUri } from '../resources/app-uri.js';
import { APP_TYPES, type AppType, type BootVersion } from './app-registration.entity.js';
import { InvalidAppRegistrationError } from './registry.errors.js';

/** One app of an import. */
export interface ImportedApp {
  readonly type: AppType;
  readonly name: string;
  readonly version: string;
  readonly uri: string;
  readonly metadataUri: string | null;
  readonly bootVersion: BootVersion;
}

interface Draft {
  readonly type: AppType;
  readonly name: string;
  uri: string | undefined;
  metadataUri: string | null;
  bootVersion: BootVersion | undefined;
}

/**
 * Reads the text of an import: a properties file of `type.name=uri`, `type.name.metadata=uri` and
 * `type.name.bootVersion=2|3` in any order of lines (SCDF wants a boot version right after its app).
 *
 * Lines that begin with `#` or `!` are comments and uris may contain `=`; SCDF fails on the former and loses the latter.
 *
 * @throws InvalidAppRegistrationError naming the line
 */
export function parseBulkImport(text: string): readonly ImportedApp[] {
  const drafts = new Map<string, Draft>();
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    const trimmed = line.trim();
    const equals = trimmed.indexOf('=');
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('!') || equals < 0) return;
    const value = trimmed
      .slice(equals + 1)
      .trim()
      .replaceAll('\\:', ':')
      .replaceAll('\\=', '=');
    readLine(drafts, trimmed.slice(0, equals).trim(), value, index + 1);
  });
  return [...drafts.values()].flatMap(finished).sort(byTypeNameVersion);
}

function readLine(drafts: Map<string, Draft>, key: string, value: string, line: number): void {
  const [typeWord = '', name = '', suffix, ...rest] = key.split('.');
  const wellFormed = name !== '' && rest.length === 0 && ['metadata', 'bootVersion', undefined].includes(suffix);
  if (!wellFormed) {
    throw new InvalidAppRegistrationError(
      `Invalid format for app key '${key}'in file. Must be <type>.<name> or <type>.<name>.metadata or <type>.<name>.bootVersion (line ${line})`,
    );
  }
  const type = APP_TYPES.find((candidate) => candidate === typeWord);
  if (type === undefined) {
    throw new InvalidAppRegistrationError(
      `'${typeWord}' is no app type (line ${line}); allowed: ${APP_TYPES.join(', ')}`,
    );
  }
  const draft = drafts.get(`${type}.${name}`) ?? {
    type,
    name,
    uri: undefined,
    metadataUri: null,
    bootVersion: undefined,
  };
  drafts.set(`${type}.${name}`, draft);
  if (suffix === undefined) draft.uri = value;
  else if (suffix === 'metadata') draft.metadataUri = value;
  else draft.bootVersion = parseBootVersion(value);
}

/** Metadata without an app is dropped, as in SCDF; a boot version without one is refused, as in SCDF. */
function finished(draft: Draft): ImportedApp[] {
  if (draft.uri === undefined) {
    if (draft.bootVersion === undefined) return [];
    throw new InvalidAppRegistrationError(`Expected uri for bootVersion:${draft.type}.${draft.name}.bootVersion`);
  }
  const { type, name, uri, metadataUri } = draft;
  return [{ type, name, version: parseVersion(uri), uri, metadataUri, bootVersion: draft.bootVersion ?? '2' }];
}

/** @throws InvalidAppRegistrationError */
export function parseBootVersion(text: string): BootVersion {
  if (text === '2' || text === '3') return text;
  throw new InvalidAppRegistrationError(`Invalid AppBootSchemaVersion: ${text.slice(0, 50)}; allowed: 2, 3`);
}

/** @throws InvalidAppRegistrationError when the uri carries no version */
export function parseVersion(uri: string): string {
  try {
    return versionOfUri(uri);
  } catch (error) {
    if (error instanceof InvalidAppUriError) throw new InvalidAppRegistrationError(error.message);
    throw error;
  }
}

function byTypeNameVersion(a: ImportedApp, b: ImportedApp): number {
  return (
    APP_TYPES.indexOf(a.type) - APP_TYPES.indexOf(b.type) ||
    a.name.localeCompare(b.name, 'en') ||
    a.version.localeCompare(b.version, 'en')
  );
}
