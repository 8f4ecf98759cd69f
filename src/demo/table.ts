/** A column of a table for people: its heading, and the side its values stand on. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * Lays out a table as lines of text, columns two blanks apart, without blanks at the end of a line.
 * @returns the headings, then one line for each row
 */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? '';
        const width = widths[at] ?? 0;
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

/** `0.4 s`, `12 s`, `3 min 05 s`; a dash where a time is missing. */
export function durationBetween(start: string | null, end: string | null): string {
  const milliseconds = start === null || end === null ? Number.NaN : Date.parse(end) - Date.parse(start);
  if (Number.isNaN(milliseconds)) return '-';
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
