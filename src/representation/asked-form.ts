import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** In which form a client wants an answer that can be text, and where it goes on in a stream of events. */
export interface AskedForm {
  /** What it prefers by its `Accept` header. */
  readonly form: 'json' | 'text' | 'events';
  /** Whether it takes text at all. */
  readonly takesText: boolean;
  /** `Last-Event-ID`: the id of the last event that it has; undefined at its first request. */
  readonly lastEventId: string | undefined;
}

const FORMS = { 'application/json': 'json', 'text/plain': 'text', 'text/event-stream': 'events' } as const;

/** Injects the {@link AskedForm} of the current request. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext): AskedForm => {
  const request = context.switchToHttp().getRequest<Request>();
  const preferred = request.accepts(Object.keys(FORMS));
  const lastEventId = request.headers['last-event-id'];
  return {
    form: preferred !== false && preferred in FORMS ? FORMS[preferred as keyof typeof FORMS] : 'json',
    takesText: request.accepts('text/plain') !== false,
    lastEventId: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : undefined,
  };
});

/** Whether a client takes a stream of events. */
export function acceptsEvents(request: Request): boolean {
  return request.accepts('text/event-stream') !== false;
}
