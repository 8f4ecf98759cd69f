import { type Logger, type LoggerOptions, pino } from 'pino';

/** Injection token of the root logger. */
export const LOGGER = Symbol('Logger');

/** A structured logger; one line an event, with task, execution id and account as fields. */
export type ServerLogger = Logger;

/** Keys whose values never appear in a log line, at the top and one level down. */
const SECRET_PATHS = ['password', 'secret', 'token', 'authorization', 'cookie'].flatMap((key) => [key, `*.${key}`]);

/** Makes the root logger: JSON lines on standard output. */
export function createLogger(level: string): ServerLogger {
  const options: LoggerOptions = {
    level,
    base: null,
    redact: { paths: SECRET_PATHS, censor: '******' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  return pino(options, pino.destination({ fd: 1, sync: true }));
}
