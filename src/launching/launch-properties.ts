import { InvalidLaunchPropertiesError } from './launching.errors.js';

/** The property that chooses the platform account; it is never stored in a manifest. */
export const PLATFORM_NAME = 'spring.cloud.dataflow.task.platformName';

const PREFIXES = ['deployer', 'app', 'version', 'scheduler', 'spring.cloud.dataflow.task'];
/** How deployers are asked for `deployer.<app>.x`. */
const QUALIFIED = 'spring.cloud.deployer.';
const KEY_PREFIXES = ['deployer.', 'app.', 'version.', 'scheduler.'];

/**
 * Reads the `properties` parameter of a launch: `key=value,key=value`. A piece that begins with no known prefix belongs to
 * the value before it, so values may contain commas.
 *
 * @throws InvalidLaunchPropertiesError for a first piece or a key with another prefix
 */
export function parseLaunchProperties(text: string): ReadonlyMap<string, string> {
  const pieces: string[] = [];
  for (const piece of text.split(',')) {
    if (startsProperty(piece)) {
      pieces.push(piece);
    } else if (pieces.length > 0) {
      pieces[pieces.length - 1] += `,${piece}`;
    } else if (piece.trim() !== '') {
      throw new InvalidLaunchPropertiesError(
        `Only deployment property keys starting with 'app.' or 'scheduler' or 'deployer.'  or 'version.' allowed. Not ${piece.slice(0, 200)}`,
      );
    }
  }
  const properties = new Map<string, string>();
  for (const piece of pieces) {
    const equals = piece.indexOf('=');
    const key = piece.slice(0, equals).trim().replace(/^--/, '');
    checkKey(key);
    properties.set(key, piece.slice(equals + 1).trim());
  }
  return properties;
}

function startsProperty(piece: string): boolean {
  const trimmed = piece.trim().replace(/^--/, '');
  return trimmed.includes('=') && PREFIXES.some((prefix) => trimmed.startsWith(prefix));
}

function checkKey(key: string): void {
  if (key === PLATFORM_NAME || KEY_PREFIXES.some((prefix) => key.startsWith(prefix))) return;
  throw new InvalidLaunchPropertiesError(
    `Only deployment property keys starting with 'app.', 'deployer.' or, 'scheduler.' allowed, got '${key.slice(0, 200)}'`,
  );
}

/**
 * Merges what a launch asks for with what the last one had: new values win, a blank new value removes the old one, and the
 * platform is chosen anew each time. As in SCDF a deployer property asked for now under a wide name (`*`, app) also takes the
 * place of the last launch's under a narrower one (app, label).
 *
 * @param names app and label, as in {@link deployerProperties}
 */
export function mergeProperties(
  manifest: ReadonlyMap<string, string>,
  asked: ReadonlyMap<string, string>,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const last = unqualified(manifest, names);
  const merged = new Map(last);
  const prefixes = ['*', ...names].map((name) => `deployer.${name}.`);
  for (const [key, value] of asked) {
    const position = prefixes.findIndex((prefix) => key.startsWith(prefix));
    if (position < 0 || value.trim() === '') continue;
    const property = key.slice(prefixes[position]?.length);
    for (const nearer of prefixes.slice(position + 1)) merged.delete(nearer + property);
  }
  for (const [key, value] of asked) {
    if (value.trim() === '' && last.has(key)) merged.delete(key);
    else merged.set(key, value);
  }
  merged.delete(PLATFORM_NAME);
  return merged;
}

/**
 * Manifests of SCDF 2.5 hold `deployer.<app>.x` as `spring.cloud.deployer.x`. They become what they were, so that what a launch
 * asks for takes their place; in SCDF 2.11 such an old value wins over a new one for ever. Where a manifest holds both, the key as
 * the user wrote it is the later one.
 */
function unqualified(manifest: ReadonlyMap<string, string>, names: readonly string[]): ReadonlyMap<string, string> {
  const [app] = names;
  const result = new Map<string, string>();
  for (const [key, value] of manifest) {
    if (app === undefined || !key.startsWith(QUALIFIED)) {
      result.set(key, value);
      continue;
    }
    const property = key.slice(QUALIFIED.length);
    const isAsked = ['*', ...names].some((name) => manifest.has(`deployer.${name}.${property}`));
    if (!isAsked) result.set(`deployer.${app}.${property}`, value);
  }
  return result;
}

/**
 * The deployer properties of one app: `deployer.*.x` for all apps, then `deployer.<app>.x`, then `deployer.<label>.x`,
 * without their prefix.
 */
export function deployerProperties(
  properties: ReadonlyMap<string, string>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.assign({}, ...['*', ...names].map((name) => below(properties, `deployer.${name}.`))) as Record<
    string,
    string
  >;
}

/** The properties below a prefix, without it. */
export function below(properties: ReadonlyMap<string, string>, prefix: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [key, value] of properties) {
    if (key.startsWith(prefix) && key.length > prefix.length) found[key.slice(prefix.length)] = value;
  }
  return found;
}
