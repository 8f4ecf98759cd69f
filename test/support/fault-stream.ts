import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as the proxy sees it. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query: `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly watch: boolean;
}

/** What becomes of a watch that the API server has accepted. */
export type StreamFault =
  /** It ends after so many events: with a reset in the midst of the next one, or in good order as after a time-out. */
  | { readonly kind: 'cut'; readonly afterEvents: number; readonly how: 'reset' | 'end' }
  /** Nothing comes any more after so many events, and the connection stays open; later events are lost. */
  | { readonly kind: 'stall'; readonly afterEvents: number }
  /** It ends with an ERROR event that says 410 «Expired» after so many events. A 410 at once: kind `answer`. */
  | { readonly kind: 'gone'; readonly afterEvents: number };

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function statusObject(code: number, reason = REASONS[code] ?? ''): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `a fault of the test: ${reason}`,
    reason,
    code,
  };
}

/** Answers as the API server does when it refuses. */
export function answerStatus(
  response: ServerResponse,
  { status, retryAfter, reason }: { readonly status: number; readonly retryAfter?: number; readonly reason?: string },
): void {
  const body = JSON.stringify(statusObject(status, reason));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  response.req.resume();
  response.end(body);
}

/** Passes an answer on as it comes; stands still while it is not calm. */
export async function playAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  calm: () => Promise<void>,
): Promise<void> {
  await begin(answer, response, calm);
  for await (const chunk of answer) {
    await calm();
    await write(response, chunk as Buffer);
  }
  await calm();
  response.end();
}

/** Passes a watch on until its fault comes. */
export async function playStream(
  answer: IncomingMessage,
  response: ServerResponse,
  fault: StreamFault,
  calm: () => Promise<void>,
  reset: () => void,
): Promise<void> {
  await begin(answer, response, calm);
  const orderly = fault.kind === 'gone' || (fault.kind === 'cut' && fault.how === 'end');
  let left = fault.afterEvents;
  if (left > 0 || !orderly) {
    for await (const event of linesOf(answer)) {
      await calm();
      if (left > 0) {
        left -= 1;
        await write(response, event);
        if (left === 0 && orderly) break;
      } else if (fault.kind === 'cut') {
        await write(response, event.subarray(0, event.length / 2));
        return reset();
      }
    }
  }
  answer.destroy();
  if (fault.kind === 'gone') await write(response, `${JSON.stringify({ type: 'ERROR', object: statusObject(410) })}\n`);
  // What has stalled does not end either, whatever the API server does.
  if (fault.kind !== 'stall' || left > 0) response.end();
}

async function begin(answer: IncomingMessage, response: ServerResponse, calm: () => Promise<void>): Promise<void> {
  await calm();
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  response.flushHeaders();
}

/** A watch is one JSON document a line. */
async function* linesOf(answer: IncomingMessage): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of answer) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
  }
}

function write(response: ServerResponse, data: Buffer | string): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(data, (failure) => (failure ? reject(failure) : resolve()));
  });
}
