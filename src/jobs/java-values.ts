import { double } from '../representation/hal-adapter.js';
import { formatTimestamp } from '../representation/timestamp.js';
import { JavaArray, JavaClass, JavaEnum, JavaObject, type JavaValue } from './java-stream.js';

/** How much of a value is shown; a small stream can refer to itself and unfold without end. */
const MAXIMUM_DEPTH = 30;
const MAXIMUM_NODES = 20_000;

/** A value as JSON shows it. */
export type Shown = null | boolean | number | string | readonly Shown[] | { readonly [key: string]: Shown };

/** The entries of a stream's map, keys as text; undefined when the value is no map. */
export function mapEntries(value: JavaValue): readonly (readonly [string, Shown])[] | undefined {
  return value instanceof JavaObject ? new Viewer().entries(value, 0) : undefined;
}

const MAPS = new Set([
  'HashMap',
  'LinkedHashMap',
  'TreeMap',
  'Hashtable',
  'IdentityHashMap',
  'WeakHashMap',
  'Properties',
]);
const LISTS = new Set(['ArrayList', 'LinkedList', 'ArrayDeque', 'PriorityQueue', 'HashSet', 'LinkedHashSet']);
const NUMBERS = new Set(['Byte', 'Short', 'Integer', 'Long']);

class Viewer {
  private nodes = 0;

  show(value: JavaValue, depth: number): Shown {
    if (++this.nodes > MAXIMUM_NODES || depth > MAXIMUM_DEPTH) return '(more than can be shown)';
    if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
      return value;
    if (typeof value === 'bigint') return showLong(value);
    if (value instanceof JavaEnum) return value.constant;
    if (value instanceof JavaClass) return value.className;
    if (value instanceof JavaArray) return this.array(value, depth);
    return this.object(value, depth);
  }

  entries(object: JavaObject, depth: number): (readonly [string, Shown])[] | undefined {
    const pairs = pairsOf(object);
    return pairs?.map(([key, value]) => [keyText(this.show(key, depth + 1)), this.show(value, depth + 1)] as const);
  }

  private array({ className, elements }: JavaArray, depth: number): Shown {
    if (className === '[B') return `(${elements.length} bytes)`;
    return elements.map((element) => this.show(element, depth + 1));
  }

  private object(object: JavaObject, depth: number): Shown {
    const simple = showSimple(object);
    if (simple !== undefined) return simple;
    const wrapped = wrappedCollection(object);
    if (wrapped !== undefined) return this.show(wrapped, depth + 1);
    const elements = elementsOf(object);
    if (elements !== undefined) return elements.map((element) => this.show(element, depth + 1));
    const entries = this.entries(object, depth);
    if (entries !== undefined) return Object.fromEntries(entries);
    return `(a ${object.className}, not shown)`;
  }
}

function keyText(key: Shown): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}

function showLong(value: bigint): Shown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** Values of one field or a few bytes. */
function showSimple(object: JavaObject): Shown | undefined {
  const { className } = object;
  const value = object.fields.get('value');
  const [, simpleName = ''] = /^java\.lang\.(\w+)$/.exec(className) ?? [];
  if (NUMBERS.has(simpleName))
    return typeof value === 'bigint' ? showLong(value) : typeof value === 'number' ? value : null;
  switch (className) {
    case 'java.lang.Double':
    case 'java.lang.Float':
      return typeof value !== 'number' ? null : Number.isFinite(value) ? double(value) : String(value);
    case 'java.lang.Boolean':
      return value === true;
    case 'java.lang.Character':
      return typeof value === 'string' ? value : null;
    case 'java.util.concurrent.atomic.AtomicInteger':
    case 'java.util.concurrent.atomic.AtomicLong':
      return typeof value === 'bigint' ? showLong(value) : typeof value === 'number' ? value : null;
    case 'java.util.Date':
    case 'java.sql.Timestamp':
    case 'java.sql.Date':
      return showDate(object);
    case 'java.math.BigInteger':
      return bigIntegerOf(object)?.toString();
    case 'java.math.BigDecimal':
      return showDecimal(object);
    case 'java.util.UUID':
      return showUuid(object);
    case 'java.time.Ser':
      return showTime(blockOf(object));
    default:
      return undefined;
  }
}

/** The bytes that an object wrote. */
function blockOf({ written }: JavaObject): Buffer {
  return Buffer.concat(written.filter((part) => Buffer.isBuffer(part)));
}

function showDate(object: JavaObject): Shown | undefined {
  const block = blockOf(object);
  if (block.length < 8) return undefined;
  const nanos = object.fields.get('nanos');
  // A timestamp writes whole seconds, and their fraction in a field of its own.
  const fraction = typeof nanos === 'number' ? Math.floor(nanos / 1_000_000) : 0;
  const date = new Date(Number(block.readBigInt64BE()) + fraction);
  return Number.isNaN(date.getTime()) ? undefined : formatTimestamp(date);
}

function bigIntegerOf(value: JavaValue | undefined): bigint | undefined {
  if (!(value instanceof JavaObject)) return undefined;
  const signum = value.fields.get('signum');
  const magnitude = value.fields.get('magnitude');
  if (typeof signum !== 'number' || !(magnitude instanceof JavaArray)) return undefined;
  const hex = magnitude.elements.map((byte) => (Number(byte) & 0xff).toString(16).padStart(2, '0')).join('');
  return hex === '' ? 0n : BigInt(`0x${hex}`) * BigInt(signum);
}

function showDecimal(object: JavaObject): Shown | undefined {
  const unscaled = bigIntegerOf(object.fields.get('intVal'));
  const scale = object.fields.get('scale');
  if (unscaled === undefined || typeof scale !== 'number' || Math.abs(scale) > 1000) return undefined;
  if (scale <= 0) return `${unscaled}${unscaled === 0n ? '' : '0'.repeat(-scale)}`;
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function showUuid({ fields }: JavaObject): Shown | undefined {
  const [most, least] = [fields.get('mostSigBits'), fields.get('leastSigBits')];
  if (typeof most !== 'bigint' || typeof least !== 'bigint') return undefined;
  const hex = [most, least].map((bits) => BigInt.asUintN(64, bits).toString(16).padStart(16, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** Instants, dates and date-times of java.time, which write a kind and then numbers. */
function showTime(block: Buffer): Shown | undefined {
  const kind = block.length > 0 ? block.readUInt8(0) : 0;
  if (kind === 2 && block.length >= 13) {
    const date = new Date(Number(block.readBigInt64BE(1)) * 1000 + Math.floor(block.readInt32BE(9) / 1_000_000));
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  }
  if ((kind !== 3 && kind !== 5) || block.length < 7) return undefined;
  const padded = (number: number, length = 2) => String(number).padStart(length, '0');
  const day = `${padded(block.readInt32BE(1), 4)}-${padded(block.readInt8(5))}-${padded(block.readInt8(6))}`;
  return kind === 3 ? day : `${day}T${timeOfDay(block.subarray(7))}`;
}

/** Hour, minute, second, nano; what is zero at the end is left out, and the last part then written as its complement. */
function timeOfDay(block: Buffer): string {
  const parts = [0, 0, 0];
  for (let index = 0; index < 3 && index < block.length; index += 1) {
    const byte = block.readInt8(index);
    parts[index] = byte < 0 ? ~byte : byte;
    if (byte < 0) break;
  }
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

function simpleUtilName(className: string): string {
  return /^java\.util\.(\w+)$/.exec(className)?.[1] ?? '';
}

function objectsOf({ written }: JavaObject): JavaValue[] {
  return written.filter((part): part is JavaValue => !Buffer.isBuffer(part));
}

function elementsOf(object: JavaObject): readonly JavaValue[] | undefined {
  const name = simpleUtilName(object.className);
  if (LISTS.has(name)) return objectsOf(object);
  // The comparator comes first.
  if (name === 'TreeSet') return objectsOf(object).slice(1);
  if (name === 'CollSer' && object.fields.get('tag') !== 3) return objectsOf(object);
  const array = object.fields.get(object.className === 'java.util.Arrays$ArrayList' ? 'a' : 'elementData');
  const isArrayBacked = object.className === 'java.util.Arrays$ArrayList' || name === 'Vector' || name === 'Stack';
  if (!isArrayBacked || !(array instanceof JavaArray)) return undefined;
  const count = object.fields.get('elementCount');
  return typeof count === 'number' ? array.elements.slice(0, Math.max(0, count)) : array.elements;
}

function pairsOf(object: JavaObject): (readonly [JavaValue, JavaValue])[] | undefined {
  const name = simpleUtilName(object.className);
  const isConcurrent = object.className === 'java.util.concurrent.ConcurrentHashMap';
  if (!MAPS.has(name) && !isConcurrent && !(name === 'CollSer' && object.fields.get('tag') === 3)) return undefined;
  const objects = objectsOf(object);
  const pairs: (readonly [JavaValue, JavaValue])[] = [];
  for (let index = 0; index + 1 < objects.length; index += 2) {
    pairs.push([objects[index] ?? null, objects[index + 1] ?? null]);
  }
  // A concurrent map ends with a pair of nulls, which it cannot hold otherwise.
  return isConcurrent ? pairs.filter(([key]) => key !== null) : pairs;
}

/** What unmodifiable, synchronized and singleton collections of java.util.Collections hold. */
function wrappedCollection({ className, fields }: JavaObject): JavaValue | undefined {
  if (!/^java\.util\.Collections\$(Unmodifiable|Synchronized)/.test(className)) return undefined;
  return fields.get('m') ?? fields.get('c') ?? undefined;
}
