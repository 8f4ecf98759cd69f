import { setTimeout as sleep } from 'node:timers/promises';
import type { LogQuery, TaskPlatform } from '../platforms/platform.js';
import { lastLines } from '../platforms/log-text.js';
import type { ArchivedLog } from './log-archive.service.js';

/** The next lines of a log that is followed. */
export interface LogPiece {
  readonly text: string;
  /** Where the log was read to, for a client that comes back. */
  readonly position: string;
  /** The position that the client came back with means nothing here: what it has seen comes again. */
  readonly again?: true;
}

/** Where the log of an execution is now. `waiting`: nowhere yet; `none`: nowhere, and it will not come. */
export type LogSource =
  | { readonly kind: 'platform'; readonly platform: TaskPlatform }
  | { readonly kind: 'archive'; readonly log: ArchivedLog }
  /** What happens in a run of a composed task; each time it is told from the start. */
  | { readonly kind: 'story'; readonly texts: AsyncIterable<string> }
  | { readonly kind: 'waiting' | 'none' };

/** The position behind the end: a client that comes back with it has everything. */
export const END = 'end';

/** The position in a log of which only a part is shown: coming back shows that part anew. */
const ANEW = 'anew';
/** ms between two looks for an execution that has not reached its platform. */
const PAUSE = 1_000;
/** Characters in a piece of a kept log, and in an endless line. */
const PIECE = 64 * 1024;

/**
 * Follows the log of an execution wherever it is, in whole lines, until its end.
 * @param after position of the last piece that the client has
 * @param find says where the log is; asked again while the execution waits
 */
export async function* followPieces(
  externalExecutionId: string,
  query: LogQuery,
  after: string | undefined,
  find: () => Promise<LogSource>,
  signal: AbortSignal,
): AsyncGenerator<LogPiece, undefined> {
  for (;;) {
    const source = await find();
    if (signal.aborted || source.kind === 'none') return;
    if (source.kind === 'platform') {
      yield* platformPieces(source.platform, externalExecutionId, query, after, signal);
      return;
    }
    if (source.kind === 'archive') {
      yield* countedPieces(chunksOf(partOf(source.log, query)), query, source.log.truncated, after);
      return;
    }
    if (source.kind === 'story') {
      yield* countedPieces(source.texts, query, true, after);
      return;
    }
    await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
  }
}

/** What a query wants of a kept log. Its lines bear no time, so all of it is newer than a time before it was kept. */
export function partOf({ text, archivedAt }: ArchivedLog, { since, tailLines }: LogQuery): string {
  if (since !== undefined && archivedAt < since) return '';
  return tailLines === undefined ? text : lastLines(text, tailLines);
}

async function* platformPieces(
  platform: TaskPlatform,
  externalExecutionId: string,
  query: LogQuery,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogPiece, undefined> {
  const own = after?.startsWith('p:') === true ? after.slice(2) : undefined;
  const stream = platform.followLog(externalExecutionId, { ...query, ...(own === undefined ? {} : { after: own }) });
  const texts = stream[Symbol.asyncIterator]();
  // The platform may be waiting for the next line when the client leaves.
  const stop = () => void texts.return?.().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    const whole: AsyncIterable<string> = { [Symbol.asyncIterator]: () => texts };
    if (stream.position === undefined) {
      yield* countedPieces(whole, query, false, after);
      return;
    }
    if (after !== undefined && own === undefined) yield { text: '', position: `p:${stream.position}`, again: true };
    for await (const text of whole) yield { text, position: `p:${stream.position}` };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * A log that can be read again from its start: a position is a number of characters.
 * @param cut whether a part is missing, so that counting does not lead to the same place as before
 */
async function* countedPieces(
  texts: AsyncIterable<string>,
  query: LogQuery,
  cut: boolean,
  after: string | undefined,
): AsyncGenerator<LogPiece, undefined> {
  const countable = !cut && query.tailLines === undefined && query.since === undefined;
  const known = countable ? /^c:(\d{1,15})$/.exec(after ?? '')?.[1] : undefined;
  let skip = Number(known ?? 0);
  let count = 0;
  const positionAt = (place: number) => (countable ? `c:${place}` : ANEW);
  if (after !== undefined && known === undefined) yield { text: '', position: positionAt(0), again: true };
  let open = '';
  for await (const text of texts) {
    const fresh = text.slice(skip);
    count += Math.min(skip, text.length);
    skip -= Math.min(skip, text.length);
    open += fresh;
    const end = open.length >= PIECE ? open.length : open.lastIndexOf('\n') + 1;
    if (end === 0) continue;
    count += end;
    yield { text: open.slice(0, end), position: positionAt(count) };
    open = open.slice(end);
  }
  if (open !== '') yield { text: open, position: positionAt(count + open.length) };
}

async function* chunksOf(text: string): AsyncGenerator<string, undefined> {
  for (let start = 0; start < text.length; start += PIECE) yield text.slice(start, start + PIECE);
}
