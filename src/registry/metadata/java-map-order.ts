/**
 * The keys in the order in which a Java `HashMap` lists them, given the order in which they were put in.
 *
 * Why: SCDF keeps the groups and properties of Spring configuration metadata in hash maps, so the options of an app and the
 * proposals of completion come in this order; it looks random, but it is the same at every call, and clients show it as is.
 * A table doubles when it is more than three quarters full, from 16 places on, and doubling keeps the order within a place.
 */
export function inJavaMapOrder(keys: Iterable<string>): readonly string[] {
  const distinct = [...new Set(keys)];
  let capacity = 16;
  while (distinct.length > capacity * 0.75) capacity *= 2;
  const places = new Map<number, string[]>();
  for (const key of distinct) {
    const place = spread(javaHashCode(key)) & (capacity - 1);
    const there = places.get(place);
    if (there === undefined) places.set(place, [key]);
    else there.push(key);
  }
  return [...places.entries()].sort(([a], [b]) => a - b).flatMap(([, there]) => there);
}

/** `String.hashCode()` as the Java language defines it: 32 bits, over UTF-16 units. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}
