/** Pino's way to log: facts, then a line for people. */
export interface PlatformLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
