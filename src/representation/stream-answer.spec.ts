import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, get, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { eventStream, eventText, type StreamEvent, textStream } from './stream-answer.js';

/** A promise and what resolves it. */
function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((resolver) => (resolve = resolver));
  return { promise, resolve };
}

describe('eventText', () => {
  it.each<[StreamEvent, string]>([
    [{ id: '1', data: 'one' }, 'id: 1\ndata: one\n\n'],
    [{ id: '1', data: 'a\nb\r\nc\rd' }, 'id: 1\ndata: a\ndata: b\ndata: c\ndata: d\n\n'],
    [{ id: '1', data: '' }, 'id: 1\ndata: \n\n'],
    [{ id: 'x', event: 'end', data: ' y' }, 'id: x\nevent: end\ndata:  y\n\n'],
  ])('%j', (event, expected) => expect(eventText(event)).toBe(expected));
});

describe('an answer that comes bit by bit', () => {
  let server: Server;
  let answer: (response: express.Response) => Promise<void>;

  beforeEach(async () => {
    const application = express();
    application.get('/', (_request, response) => void answer(response));
    server = createServer(application).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  it('beats while nothing comes', async () => {
    const gate = deferred();
    async function* events() {
      await gate.promise;
      yield { id: '1', data: 'late' };
    }
    answer = (response) => eventStream(events(), 5).send(response);
    let text = '';
    const response = await fetch(url());
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk);
      if (/:\n\n:\n\n/.test(text)) gate.resolve();
    }
    expect(text).toMatch(/^retry: 2000\n\n(:\n\n){2,}id: 1\ndata: late\n\n(:\n\n)*$/);
  });

  it('is broken off, not ended, when its source fails', async () => {
    async function* texts() {
      yield 'some';
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error('gone');
    }
    answer = (response) => textStream(texts()).send(response);
    await expect(fetch(url()).then((response) => response.text())).rejects.toThrow();
  });

  it('is read no faster than the client takes it, and let go of when it leaves', async () => {
    let produced = 0;
    const released = deferred();
    const source: AsyncIterator<string> = {
      next: async () => {
        produced++;
        return { done: false, value: 'x'.repeat(64 * 1024) };
      },
      return: async () => {
        released.resolve();
        return { done: true, value: undefined };
      },
    };
    answer = (response) => textStream({ [Symbol.asyncIterator]: () => source }).send(response);
    const request = get(url());
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    response.pause();
    // What is in flight fills the buffers on the way, some megabytes; then the source must rest.
    let before = -1;
    while (before !== produced) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(produced).toBeLessThan(2_000);
    request.destroy();
    await released.promise;
  });
});
