/** Trees of text read as objects of the Kubernetes API: names of fields in any spelling, values of the field's kind. Pure. */
import type { SettingsTree } from '../../../configuration/configuration.js';
import { nearestName } from '../../nearest-name.js';
import { KUBERNETES_FIELDS } from './kubernetes-fields.js';
import { flag, isList, isMap, list, oneOf, UnacceptableValue, uniformName } from './values.js';

interface Field {
  readonly name: string;
  readonly kind: string;
  readonly required: boolean;
}

/** Types that SCDF adds to those of the API. */
const SCDF_FIELDS: Readonly<Record<string, string>> = {
  SecretKeyRef: 'envVarName! secretName! dataKey!',
  ConfigMapKeyRef: 'envVarName! configMapName! dataKey!',
  /** SCDF's own names beside all fields of a container. */
  InitContainer: `containerName imageName commands:[text] environmentVariables:variables ${(
    KUBERNETES_FIELDS['Container'] ?? ''
  ).replace('name!', 'name')}`,
};

/** Fields with few allowed values, which the API server would refuse only after the launch was accepted. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'Container.imagePullPolicy': ['Always', 'IfNotPresent', 'Never'],
  'InitContainer.imagePullPolicy': ['Always', 'IfNotPresent', 'Never'],
  'ContainerPort.protocol': ['TCP', 'UDP', 'SCTP'],
  'HTTPGetAction.scheme': ['HTTP', 'HTTPS'],
  'LabelSelectorRequirement.operator': ['In', 'NotIn', 'Exists', 'DoesNotExist'],
  'NodeSelectorRequirement.operator': ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'],
  'PodSecurityContext.fsGroupChangePolicy': ['OnRootMismatch', 'Always'],
  'SeccompProfile.type': ['Localhost', 'RuntimeDefault', 'Unconfined'],
  'Toleration.effect': ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
  'Toleration.operator': ['Exists', 'Equal', 'Gt', 'Lt'],
  'VolumeMount.mountPropagation': ['None', 'HostToContainer', 'Bidirectional'],
};

/** The only numbers below 0 that mean something: an eviction at once. */
const SIGNED = new Set(['tolerationSeconds']);

const parsedTypes = new Map<string, ReadonlyMap<string, Field>>();

/** The fields of a type by uniform name. */
function fieldsOf(type: string): ReadonlyMap<string, Field> {
  let fields = parsedTypes.get(type);
  if (fields === undefined) {
    const written = SCDF_FIELDS[type] ?? KUBERNETES_FIELDS[type];
    if (written === undefined) throw new Error(`no such type of the Kubernetes API: ${type}`);
    fields = new Map(
      written
        .trim()
        .split(/\s+/)
        .map((word) => {
          const [, name = '', required, kind = 'text'] = /^([^:!]+)(!?)(?::(.+))?$/.exec(word) ?? [];
          return [uniformName(name), { name, kind, required: required === '!' }];
        }),
    );
    parsedTypes.set(type, fields);
  }
  return fields;
}

/**
 * Reads a list of objects. A map is no list, as in SCDF.
 * @throws UnacceptableValue naming the place and what it must be
 */
export function readObjects<T>(type: string, tree: SettingsTree): readonly T[] {
  return readKind(`[${type}]`, tree, '') as readonly T[];
}

/**
 * Reads one object, which must say something.
 * @throws UnacceptableValue naming the place and what it must be
 */
export function readObject<T>(type: string, tree: SettingsTree): T {
  const object = readKind(type, tree, '') as T & object;
  if (Object.keys(object).length === 0) throw new UnacceptableValue('an object with at least one field');
  return object;
}

function readKind(kind: string, tree: SettingsTree, path: string): unknown {
  if (kind.startsWith('[')) return readList(kind.slice(1, -1), tree, path);
  try {
    switch (kind) {
      case 'text':
        return readText(tree);
      case 'int':
        return readInteger(tree);
      case 'flag':
        return flag(tree);
      case 'intOrText': {
        const written = readText(tree);
        return /^\d{1,9}$/.test(written) ? Number(written) : written;
      }
      case '{}':
        return readTexts(tree);
      case 'variables':
        return list(tree);
    }
  } catch (error) {
    throw error instanceof UnacceptableValue ? at(path, error.allowed) : error;
  }
  return readFields(kind, tree, path);
}

function readList(kind: string, tree: SettingsTree, path: string): readonly unknown[] {
  const items = typeof tree === 'string' && kind === 'text' ? list(tree) : tree;
  if (!isList(items)) throw at(path, 'a list in brackets');
  return items.map((item, index) => readKind(kind, item, `${path}[${index}]`));
}

function readFields(type: string, tree: SettingsTree, path: string): Readonly<Record<string, unknown>> {
  // An empty map of an account's settings arrives as an empty text.
  const map = typeof tree === 'string' && tree.trim() === '' ? {} : tree;
  if (!isMap(map)) throw at(path, 'an object in braces');
  const fields = fieldsOf(type);
  const object: Record<string, unknown> = {};
  for (const [written, value] of Object.entries(map)) {
    const field = fields.get(uniformName(written));
    if (field === undefined) throw unknownField(fields, written, path);
    const place = path === '' ? field.name : `${path}.${field.name}`;
    const words = WORDS[`${type}.${field.name}`];
    object[field.name] = words === undefined ? readKind(field.kind, value, place) : readWord(value, words, place);
    const isNegative = field.kind === 'int' && Number(object[field.name]) < 0;
    if (isNegative && !SIGNED.has(field.name)) throw at(place, 'a whole number, not below 0');
  }
  for (const { name, required } of fields.values()) {
    if (required && object[name] === undefined) {
      throw new UnacceptableValue(`YAML in which ${path === '' ? name : `${path}.${name}`} is given`);
    }
  }
  return object;
}

function readWord(tree: SettingsTree, words: readonly string[], path: string): string {
  try {
    return oneOf(tree, words);
  } catch (error) {
    throw error instanceof UnacceptableValue ? at(path, error.allowed) : error;
  }
}

function readText(tree: SettingsTree): string {
  if (typeof tree === 'string') return tree;
  throw new UnacceptableValue('a single value');
}

/** Decimal, or a file mode with a leading 0, which YAML means as octal. */
function readInteger(tree: SettingsTree): number {
  const written = readText(tree).trim();
  const number = /^0o?[0-7]+$/.test(written)
    ? parseInt(written.replace(/^0o?/, ''), 8)
    : /^[+-]?\d{1,15}$/.test(written)
      ? Number(written)
      : NaN;
  if (Number.isNaN(number)) throw new UnacceptableValue('a whole number');
  return number;
}

/** Keys are the author's, to the letter; brackets around a key, which SCDF needs for a slash, are taken off. */
function readTexts(tree: SettingsTree): Readonly<Record<string, string>> {
  if (typeof tree === 'string' && tree.trim() === '') return {};
  if (!isMap(tree)) throw new UnacceptableValue('an object in braces');
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [/^\[(.+)\]$/.exec(key)?.[1] ?? key, readText(value)]),
  );
}

function unknownField(fields: ReadonlyMap<string, Field>, written: string, path: string): UnacceptableValue {
  const names = [...fields.values()].map(({ name }) => name);
  const nearest = nearestName(written, names, uniformName) ?? '';
  const place = path === '' ? '' : ` in ${path}`;
  return new UnacceptableValue(
    `YAML with known fields; '${written.slice(0, 60)}'${place} is none, did you mean '${nearest}'?`,
  );
}

function at(path: string, allowed: string): UnacceptableValue {
  return new UnacceptableValue(path === '' ? allowed : `YAML in which ${path} is ${allowed}`);
}
