import { randomUUID } from 'node:crypto';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { isLongAnswer } from './stream-answer.js';

/** An answer that is text for clients that ask for text, and a JSON string for others. */
export class TextAnswer {
  constructor(readonly text: string) {}
}

/** Random, so that no text from a database can be taken for a marked number. */
const MARK = `number-${randomUUID()}:`;
const NUMBER = new RegExp(`"${MARK}([^"]+)"`, 'g');

/** Marks a number that Java writes as a double, so that `1` leaves as `1.0`. Infinite and undefined numbers leave as 0.0. */
export function double(value: number): number {
  const finite = Number.isFinite(value) ? value : 0;
  const text = Number.isInteger(finite) ? finite.toFixed(1) : String(finite);
  return marked(text);
}

/** Marks a whole number that Java writes as a long, so that it leaves with all its digits, beyond 2^53 too. */
export function long(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : marked(value.toString());
}

/** The marker is undone when the answer is written; types see the number that clients will read. */
function marked(text: string): number {
  return `${MARK}${text}` as unknown as number;
}

/** Serialises an answer: like JSON.stringify, and marked numbers leave as they were meant. */
export function serialize(body: unknown): string {
  const text = JSON.stringify(body);
  return text.includes(MARK) ? text.replaceAll(NUMBER, '$1') : text;
}

/**
 * Express as SCDF's clients expect it: JSON without a charset parameter, `application/hal+json` unless plain JSON was asked
 * for, no `Content-Type` on empty answers.
 */
export class HalAdapter extends ExpressAdapter {
  override reply(response: Response, body: unknown, statusCode?: number): void {
    if (statusCode !== undefined) response.status(statusCode);
    if (body === undefined || body === null) {
      response.end();
    } else if (isLongAnswer(body)) {
      void body.send(response);
    } else if (body instanceof TextAnswer) {
      if (prefersText(response.req)) send(response, body.text, 'text/plain;charset=UTF-8');
      else send(response, serialize(body.text), 'application/json');
    } else {
      send(response, serialize(body), contentTypeOf(response));
    }
  }

  /** Sends to another place with an empty answer, as SCDF does. */
  override redirect(response: Response, statusCode: number, url: string): void {
    response.status(statusCode).location(url).end();
  }
}

function send(response: Response, text: string, contentType: string): void {
  const bytes = Buffer.from(text, 'utf8');
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', bytes.length);
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** SCDF's Java client asks for text first, its dashboard for JSON. */
function prefersText(request: Request): boolean {
  return request.accepts(['application/json', 'text/plain']) === 'text/plain';
}

function contentTypeOf(response: Response): string {
  const set = response.getHeader('Content-Type');
  return typeof set === 'string'
    ? set
    : negotiate(response.req) === 'hal'
      ? 'application/hal+json'
      : 'application/json';
}

/**
 * Which of its two JSON forms a client wants: `json` when it accepts `application/json` before HAL or a wildcard.
 * @returns undefined when it accepts neither
 */
export function negotiate(request: Request): 'hal' | 'json' | undefined {
  const accepted = request.accepts(['application/hal+json', 'application/json', 'text/plain']);
  if (accepted === 'application/json') return 'json';
  if (accepted === 'application/hal+json') return 'hal';
  if (accepted === 'text/plain') return 'json';
  return /\+json|\*\/\*/.test(request.headers.accept ?? '') ? 'json' : undefined;
}
