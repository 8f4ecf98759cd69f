import { createHash } from 'node:crypto';

/** A text of which Java's `UUID.fromString` makes a UUID: five groups, which it neither pads nor measures. */
const GROUPS = /^([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)$/i;

/** Hexadecimal digits that a group keeps, from its end. */
const KEPT = [8, 4, 4, 4, 12];

/** What a group may be at most: a `long` of Java. */
const MOST = 2n ** 63n - 1n;

/**
 * The key under which Spring Integration keeps the lock of a name: the name itself if Java reads it as a UUID, as it does
 * `a-b-c-d-e`, else the name UUID (version 3) of its bytes in UTF-8.
 */
export function lockKeyOf(name: string): string {
  const groups = name.length > 36 ? [] : (GROUPS.exec(name)?.slice(1) ?? []);
  if (groups.length > 0 && groups.every((group) => BigInt(`0x${group}`) <= MOST)) {
    return groups.map((group, at) => keep(group.toLowerCase(), KEPT[at] ?? 0)).join('-');
  }
  const bytes = createHash('md5').update(name, 'utf8').digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x30, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function keep(group: string, digits: number): string {
  return group.slice(-digits).padStart(digits, '0');
}
