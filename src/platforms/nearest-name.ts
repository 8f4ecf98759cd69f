/**
 * The known name that resembles a mistyped one most; undefined only when nothing is known.
 *
 * @param uniform what makes two spellings of a name the same, before letters are compared
 */
export function nearestName(
  name: string,
  known: readonly string[],
  uniform: (name: string) => string,
): string | undefined {
  const wanted = uniform(name).slice(0, 100);
  let nearest: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const away = distance(wanted, uniform(candidate));
    if (nearest === undefined || away < nearest.distance) nearest = { name: candidate, distance: away };
  }
  return nearest?.name;
}

/** Levenshtein distance of two short names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
