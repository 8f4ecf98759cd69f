import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Application, Request, Response } from 'express';
import type { Logger } from 'pino';
import {
  DomainError,
  InvalidParameterError,
  MethodNotAllowedError,
  NoSuchPathError,
  ServiceUnavailableError,
} from './domain-error.js';
import { errorBody, pageErrorBody } from './error-body.js';
import { negotiate, serialize } from './hal-adapter.js';
import { allowedMethods } from './allowed-methods.js';

/** Answers every error: the one place where a refusal becomes status and body. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  /**
   * @param isDatabaseUnavailable tells a lost database from a wrong statement
   * @param logger gets what nobody foresaw, with its stack
   */
  constructor(
    private readonly isDatabaseUnavailable: (error: unknown) => boolean,
    private readonly logger: Pick<Logger, 'error' | 'warn'>,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.end();
      return;
    }
    const error = this.translate(thrown, request);
    if (error === 'no handler') {
      answerPage(request, response, 404, 'Not Found');
      return;
    }
    if (error instanceof MethodNotAllowedError && request.method === 'OPTIONS') {
      response.setHeader('Allow', error.allowed.join(', '));
      response.end();
      return;
    }
    if (error.retryAfter !== undefined) response.setHeader('Retry-After', error.retryAfter);
    if (error instanceof MethodNotAllowedError) response.setHeader('Allow', error.allowed.join(', '));
    answer(request, response, error.status, errorBody(error.message, error.logref, error.hint));
  }

  private translate(thrown: unknown, request: Request): DomainError | 'no handler' {
    if (thrown instanceof DomainError) return thrown;
    if (thrown instanceof NoSuchPathError) return 'no handler';
    if (this.isDatabaseUnavailable(thrown)) {
      this.logger.warn({ path: request.path, err: thrown }, 'database unavailable');
      return new ServiceUnavailableError('The database cannot be reached at the moment. Try again in a few seconds.');
    }
    if (thrown instanceof HttpException && thrown.getStatus() === 404) {
      const allowed = allowedMethods(request.app as Application, request.path);
      return allowed.length === 0 ? 'no handler' : new MethodNotAllowedError(request.method, allowed);
    }
    const refused = refusalOf(thrown);
    if (refused !== undefined) return refused;
    this.logger.error({ method: request.method, path: request.path, err: thrown }, 'request failed');
    return new UnforeseenError();
  }
}

/** A fault of ours. The log has the stack; the client gets no internals. */
class UnforeseenError extends DomainError {
  readonly status = 500;
  readonly logref = 'IllegalStateException';

  constructor() {
    super('The server failed to handle this request; its log says why.');
  }
}

/** A refusal by Express or Nest themselves (malformed path encoding and the like), which is always the client's. */
class ProtocolError extends DomainError {
  readonly logref = 'HttpMessageNotReadableException';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

function refusalOf(thrown: unknown): DomainError | undefined {
  if (thrown instanceof URIError) {
    return new InvalidParameterError('The path is not percent-encoded UTF-8.', 'IllegalArgumentException');
  }
  if (!(thrown instanceof Error)) return undefined;
  const status: unknown = 'status' in thrown ? thrown.status : undefined;
  const code = thrown instanceof HttpException ? thrown.getStatus() : status;
  return typeof code === 'number' && code >= 400 && code < 500 ? new ProtocolError(thrown.message, code) : undefined;
}

function answer(request: Request, response: Response, status: number, body: unknown): void {
  const bytes = Buffer.from(serialize(body), 'utf8');
  response.status(status);
  response.setHeader('Content-Type', negotiate(request) === 'hal' ? 'application/hal+json' : 'application/json');
  response.setHeader('Content-Length', bytes.length);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Answers as Spring Boot's error page does where no controller was reached: JSON, or a small page for a browser. */
export function answerPage(request: Request, response: Response, status: number, error: string): void {
  if (request.accepts(['application/json', 'text/html']) === 'text/html') {
    const page = `<!doctype html><html lang="en"><title>${status} ${error}</title><h1>${status} ${error}</h1></html>`;
    const bytes = Buffer.from(page, 'utf8');
    response.status(status).setHeader('Content-Type', 'text/html;charset=UTF-8');
    response.setHeader('Content-Length', bytes.length);
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return;
  }
  answer(
    request,
    response,
    status,
    pageErrorBody(status, error, request.originalUrl.split('?', 1)[0] ?? '/', new Date()),
  );
}
