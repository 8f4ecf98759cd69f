import type { LoggerService } from '@nestjs/common';
import type { ServerLogger } from './logger.js';

/** Nest's own messages in our log: its start-up chatter as debug lines. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: ServerLogger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, text(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    // Nest's handler of failed starts: it throws the error on, and whoever started the server says it once.
    if (context?.endsWith('ExceptionHandler') === true) return;
    this.logger.error({ context, stack }, text(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, text(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, text(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, text(message));
  }
}

function text(message: unknown): string {
  if (message instanceof Error) return message.stack ?? message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
