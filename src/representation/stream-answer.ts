import type { Response } from 'express';

/** An answer that comes bit by bit: {@link HalAdapter} hands the response over to it. */
export interface LongAnswer {
  /** Writes the answer to its end, or until the client has left; never fails. */
  send(response: Response): Promise<void>;
}

/** One event of an event stream (HTML standard, server-sent events). */
export interface StreamEvent {
  /** What a client that comes back sends as `Last-Event-ID`. */
  readonly id: string;
  /** `message` when undefined. */
  readonly event?: string;
  /** Any text; each of its lines becomes a `data:` line. */
  readonly data: string;
}

/** ms between two comments that tell proxies and clients that the connection lives. */
const HEARTBEAT = 15_000;
/** ms after which a client comes back when the connection broke. */
const RETRY = 2_000;

/** Text as it comes. */
export function textStream(texts: AsyncIterable<string>): LongAnswer {
  return { send: (response) => pump(response, texts, { contentType: 'text/plain;charset=UTF-8', beginning: '' }) };
}

/**
 * Events as they come, and a comment in between when none does.
 * @param heartbeat ms between comments
 */
export function eventStream(events: AsyncIterable<StreamEvent>, heartbeat = HEARTBEAT): LongAnswer {
  const texts = {
    [Symbol.asyncIterator]: () => {
      const iterator = events[Symbol.asyncIterator]();
      return {
        next: async (): Promise<IteratorResult<string>> => {
          const step = await iterator.next();
          return step.done === true ? { done: true, value: undefined } : { done: false, value: eventText(step.value) };
        },
        return: async (): Promise<IteratorResult<string>> => {
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
  const form = { contentType: 'text/event-stream', beginning: `retry: ${RETRY}\n\n`, heartbeat };
  return { send: (response) => pump(response, texts, form) };
}

/** Tells a client that came back that there is nothing more; it does not come again. */
export const NO_MORE_EVENTS: LongAnswer = {
  send: async (response) => {
    response.status(204).end();
  },
};

/** Whether an answer writes itself. */
export function isLongAnswer(body: unknown): body is LongAnswer {
  return typeof body === 'object' && body !== null && 'send' in body && typeof body.send === 'function';
}

/** Any of the three line breaks ends a line of an event stream, so all of them begin a new `data:` line. */
export function eventText({ id, event, data }: StreamEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `id: ${id}\n${event === undefined ? '' : `event: ${event}\n`}${lines.join('')}\n`;
}

interface StreamForm {
  readonly contentType: string;
  readonly beginning: string;
  readonly heartbeat?: number;
}

/** Writes as fast as the client reads. A stream that fails is broken off, so that nobody takes it for complete. */
async function pump(
  response: Response,
  texts: AsyncIterable<string>,
  { contentType, beginning, heartbeat }: StreamForm,
): Promise<void> {
  const iterator = texts[Symbol.asyncIterator]();
  const release = () => void iterator.return?.().catch(() => undefined);
  if (response.destroyed || response.req.method === 'HEAD') release();
  if (response.destroyed) return;
  response.once('close', release);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Cache-Control', 'no-store, no-transform');
  // Proxies of nginx's kind hold answers back without it.
  response.setHeader('X-Accel-Buffering', 'no');
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  if (beginning !== '') response.write(beginning);
  const beat = heartbeat === undefined ? undefined : setInterval(() => keepAlive(response), heartbeat);
  try {
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      if (!response.write(step.value)) await writable(response);
      if (response.destroyed) break;
    }
    response.end();
  } catch {
    // Who made the stream has logged why.
    response.destroy();
  } finally {
    clearInterval(beat);
  }
}

/** What waits to be read already keeps the connection busy. */
function keepAlive(response: Response): void {
  if (!response.writableNeedDrain) response.write(':\n\n');
}

/** Resolves when the client has read enough, or has left. */
function writable(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}
