/** The last `count` lines; a line break at the very end ends the last line and does not begin another. */
export function lastLines(text: string, count: number): string {
  if (count <= 0) return '';
  let position = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let found = 0; found < count; found++) {
    position = position === 0 ? -1 : text.lastIndexOf('\n', position - 1);
    if (position < 0) return text;
  }
  return text.slice(position + 1);
}
