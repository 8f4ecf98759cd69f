import { type IncomingMessage, request } from 'node:http';

/** An event as a browser's EventSource would see it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** A stream of events that is open, or an answer that is none. */
export interface EventConnection {
  readonly status: number;
  readonly contentType: string | undefined;
  /** The next event; undefined when the stream is complete. @throws Error when it breaks off */
  next(): Promise<ReceivedEvent | undefined>;
  /** All events that are still to come. */
  rest(): Promise<readonly ReceivedEvent[]>;
  /** Goes away as a browser does whose tab is closed. */
  leave(): void;
}

/** Opens a stream of events; `lastEventId` as a browser that comes back sends it. */
export function openEvents(baseUrl: string, target: string, lastEventId?: string): Promise<EventConnection> {
  return new Promise((resolve, reject) => {
    const headers = { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) };
    const sent = request(`${baseUrl}${target}`, { agent: false, headers }, (answer) =>
      resolve(connectionOf(answer, () => sent.destroy())),
    );
    sent.on('error', reject);
    sent.end();
  });
}

function connectionOf(answer: IncomingMessage, leave: () => void): EventConnection {
  const events = eventsOf(answer);
  const next = async () => {
    const step = await events.next();
    return step.done === true ? undefined : step.value;
  };
  return {
    status: answer.statusCode ?? 0,
    contentType: answer.headers['content-type'],
    next,
    rest: async () => {
      const all: ReceivedEvent[] = [];
      for (let event = await next(); event !== undefined; event = await next()) all.push(event);
      return all;
    },
    leave,
  };
}

async function* eventsOf(answer: IncomingMessage): AsyncGenerator<ReceivedEvent, undefined> {
  let open = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer as AsyncIterable<string>) {
    const blocks = (open + chunk).split('\n\n');
    open = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = block.split('\n').map((line) => /^(\w*): ?(.*)$/s.exec(line)?.slice(1) ?? ['', '']);
      const valuesOf = (name: string) => fields.filter(([field]) => field === name).map(([, value]) => value ?? '');
      const data = valuesOf('data');
      // Comments and `retry` are no events.
      if (data.length === 0) continue;
      yield { id: valuesOf('id')[0] ?? '', event: valuesOf('event')[0] ?? 'message', data: data.join('\n') };
    }
  }
}
