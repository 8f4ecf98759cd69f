import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLoggerContract } from 'typeorm';

/**
 * Passes TypeORM's warnings to our log and nothing else: statements and their parameters hold secrets, and errors are
 * thrown to whoever ran the statement.
 */
export class TypeOrmLogger implements TypeOrmLoggerContract {
  private readonly target = new Logger('Database');

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.target.warn(String(message));
  }

  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
}
