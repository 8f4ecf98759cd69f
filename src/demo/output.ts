import { styleText } from 'node:util';
import { type Column, tableLines } from './table.js';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Where the demo writes: a terminal, a pipe, a file. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Writes the story: numbered headlines, indented lines, tables. Colours only on a terminal, and not with NO_COLOR. */
export class Output {
  private chapters = 0;
  private readonly coloured: boolean;

  constructor(
    private readonly sink: Sink,
    noColor: boolean,
  ) {
    this.coloured = sink.isTTY === true && !noColor;
  }

  line(text = ''): void {
    this.sink.write(text === '' ? '\n' : `   ${text}\n`);
  }

  title(text: string): void {
    this.sink.write(`\n${this.style('bold', text)}\n`);
  }

  /** A numbered headline. */
  chapter(text: string): void {
    this.sink.write(`\n${this.style('bold', `${++this.chapters}  ${text}`)}\n`);
  }

  /** What is good to know, less loud. */
  note(text: string): void {
    this.line(this.style('dim', text));
  }

  /** Names and what belongs to them, in two columns. */
  pairs(pairs: readonly (readonly [string, string])[]): void {
    const width = Math.max(...pairs.map(([name]) => name.length));
    for (const [name, value] of pairs) this.line(`${name.padEnd(width)}  ${value}`);
  }

  /** What a program printed. */
  excerpt(lines: readonly string[]): void {
    for (const line of lines) this.line(`${this.style('dim', '|')} ${printable(line)}`);
  }

  /** @param paint colours a line by its row, if it shall stand out */
  table(
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    paint: (row: readonly string[]) => Style | undefined = () => undefined,
  ): void {
    const [heading = '', ...lines] = tableLines(columns, rows);
    this.line(this.style('dim', heading));
    lines.forEach((line, at) => {
      const style = paint(rows[at] ?? []);
      this.line(style === undefined ? line : this.style(style, line));
    });
  }

  style(style: Style, text: string): string {
    return this.coloured && text !== '' ? styleText(style, text) : text;
  }
}

/** Control characters of a program's output could change the terminal; they are shown as a dot. */
function printable(text: string): string {
  return text.replaceAll('\t', '    ').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
