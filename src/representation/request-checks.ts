import type { Application, NextFunction, Request, RequestHandler, Response } from 'express';
import { allowedMethods } from './allowed-methods.js';
import { acceptsEvents } from './asked-form.js';
import { answerPage } from './error.filter.js';
import { negotiate } from './hal-adapter.js';
import { parseQueryString, refuseNul } from './query-string.js';

/**
 * Refuses addresses that are not percent-encoded UTF-8 or hold NUL characters, before anything is done: also where the
 * endpoint would not have read what is wrong (`DELETE /apps?x=%zz`).
 */
export function readableAddress(request: Request, _response: Response, next: NextFunction): void {
  try {
    const [path = '', query = ''] = request.originalUrl.split(/\?(.*)/s, 2);
    refuseNul(decodeURIComponent(path));
    parseQueryString(query);
    next();
  } catch (error) {
    next(error);
  }
}

/**
 * Answers 406 to clients that accept nothing that we can write, before anything is done.
 * @param pages paths below which answers are no resources and choose their media types themselves
 * @param streams paths below which answers can be streams of events as well
 */
export function acceptable(pages: readonly string[], streams: readonly string[]): RequestHandler {
  const isBelow = (request: Request, paths: readonly string[]) => paths.some((path) => isAtOrBelow(request.path, path));
  return (request: Request, response: Response, next: NextFunction) => {
    if (negotiate(request) !== undefined || isBelow(request, pages)) next();
    else if (acceptsEvents(request) && isBelow(request, streams)) next();
    else if (!isHandled(request)) next();
    else if (request.accepts('text/html') === 'text/html') answerPage(request, response, 406, 'Not Acceptable');
    else response.status(406).end();
  };
}

/** What nobody handles is not found, whatever the client accepts. */
function isHandled(request: Request): boolean {
  return allowedMethods(request.app as Application, request.path).length > 0;
}

function isAtOrBelow(path: string, page: string): boolean {
  return path.startsWith(page) && /^([/.]|$)/.test(path.slice(page.length));
}
