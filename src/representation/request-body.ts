import express, { type NextFunction, type Request, type Response } from 'express';
import { messageOf } from '../resources/system-error.js';
import { UnreadableBodyError } from './domain-error.js';

/** More than any definition, launch or import needs; larger bodies answer 413. */
const LIMIT = '2mb';

const readForm = express.text({ type: 'application/x-www-form-urlencoded', limit: LIMIT, defaultCharset: 'utf-8' });
const readJson = express.text({ type: () => true, limit: LIMIT, defaultCharset: 'utf-8' });

/** Reads form bodies as text; other bodies stay unread, since SCDF ignores them outside `/tools`. */
export function formBody(request: Request, response: Response, next: NextFunction): void {
  readForm(request, response, (error?: unknown) => next(error === undefined ? undefined : unreadable(error)));
}

/**
 * Reads the JSON body of an endpoint that has one.
 * @throws UnreadableBodyError 400 for missing or malformed JSON, 415 for another content type, 413 for too much of it
 */
export async function jsonBody(request: Request, response: Response): Promise<unknown> {
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    throw new UnreadableBodyError(
      `Content type '${type.slice(0, 100)}' not supported; allowed: application/json`,
      415,
      'HttpMediaTypeNotSupportedException',
    );
  }
  await new Promise<void>((resolve, reject) => {
    readJson(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(unreadable(error))));
  });
  const text: unknown = request.body;
  if (typeof text !== 'string' || text.trim() === '') {
    throw new UnreadableBodyError('Required request body is missing: a JSON object is expected', 400);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UnreadableBodyError(`JSON parse error: ${messageOf(error)}`, 400);
  }
}

function unreadable(error: unknown): UnreadableBodyError {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  const message = messageOf(error);
  if (status === 413) return new UnreadableBodyError(`The request body is larger than ${LIMIT}.`, 413);
  return new UnreadableBodyError(`The request body cannot be read: ${message}`, status === 415 ? 415 : 400);
}
