import { type Logger, type LoggerOptions, pino } from 'pino';

/** Injection token of the root logger. */
export const LOGGER = Symbol('Logger');

/** A structured logger; one line an event, with task, execution id and account as fields. */
export type ServerLogger = Logger;

/** Keys whose values never appear in a log line, at the top and one level down. */
const SECRET_PATHS = ['password', 'secret', 'token', 'authorization', 'cookie'].flatMap((key) => [key, `*.${key}`]);

/**
 * Makes the root logger: JSON lines on standard output, or coloured ones where a person is looking.
 * @param forPeople standard output is a terminal
 */
export async function createLogger(level: string, forPeople = false): Promise<ServerLogger> {
  const options: LoggerOptions = {
    level,
    base: null,
    redact: { paths: SECRET_PATHS, censor: '******' },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  if (forPeople) {
    const { default: pretty } = await import('pino-pretty');
    return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }));
  }
  return pino(
    { ...options, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ fd: 1, sync: true }),
  );
}
