import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One request to a real SCDF 2.11.5 server and its answer, as recorded (see golden/INDEX.md). */
export interface Exchange {
  readonly number: number;
  /** What the exchange shows, from the index of the recordings. */
  readonly shows: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    /** As sent, without the question mark. */
    readonly query: string | null;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
  readonly response: {
    readonly status: number;
    readonly contentType: string | null;
    /** Parsed JSON, or text; the empty text for an empty body. */
    readonly body: unknown;
  };
}

/** Something that was done between the recorded exchanges, right before the one with the number `before`. */
export interface UnrecordedStep {
  readonly before: number;
  readonly request?: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /** A file to write, with `content`. */
  readonly file?: string;
  readonly content?: string;
  /** Seconds; the replay waits for the recorded state instead. */
  readonly sleep?: number;
  /** The name of a task of which an execution has to have started. */
  readonly waitStarted?: string;
}

const golden = join(dirname(fileURLToPath(import.meta.url)), 'golden');

/** The exchanges of the main recording, in the order in which they were made. */
export function recordedExchanges(): Exchange[] {
  return readExchanges(golden);
}

/** The exchanges with servers of other settings, in order; each group of them began with an empty database. */
export function exchangesOfOtherServers(): Exchange[] {
  return readExchanges(join(golden, 'other-servers'));
}

export function unrecordedSteps(): UnrecordedStep[] {
  const text = readFileSync(join(golden, 'unrecorded.json'), 'utf8');
  return (JSON.parse(text) as { steps: UnrecordedStep[] }).steps;
}

/** `051 POST /apps/task/timestamp/1.0.0: register app with version`: the name of the exchange's test. */
export function titleOf(exchange: Exchange): string {
  const { method, path, query } = exchange.request;
  const target = query === null ? path : `${path}?${query}`;
  const shortened = target.length > 100 ? `${target.slice(0, 99)}…` : target;
  return `${String(exchange.number).padStart(3, '0')} ${method} ${shortened}: ${exchange.shows}`;
}

function readExchanges(directory: string): Exchange[] {
  const shown = readIndex(join(directory, 'INDEX.md'));
  return readdirSync(directory)
    .filter((name) => /^\d{3}-.*\.json$/.test(name))
    .sort()
    .map((name) => {
      const number = Number(name.slice(0, 3));
      const recorded = JSON.parse(readFileSync(join(directory, name), 'utf8')) as Omit<Exchange, 'number' | 'shows'>;
      return { number, shows: shown.get(number) ?? name, ...recorded };
    });
}

/** The rows `| [001](001-root.json) | GET … | what it shows | 200 |`; a bar inside a cell is written `\|`. */
function readIndex(path: string): Map<number, string> {
  const rows = new Map<number, string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const number = /^\[(\d{3})\]/.exec(cells[1] ?? '');
    if (number !== null) {
      rows.set(Number(number[1]), (cells[3] ?? '').replaceAll('\\|', '|'));
    }
  }
  return rows;
}
