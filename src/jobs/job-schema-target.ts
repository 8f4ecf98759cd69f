import type { SchemaTargetName } from '../platforms/platform.js';
import { NoSuchSchemaTargetError, parseSchemaTarget } from '../schema/schema-target.js';
import { NoSuchJobExecutionError } from './jobs.errors.js';

/**
 * Reads the schema target of a job execution: SCDF does not say that there is no such target, but that it has no such job.
 * @throws NoSuchJobExecutionError
 */
export function jobSchemaTarget(id: number, name: string | undefined): SchemaTargetName {
  try {
    return parseSchemaTarget(name);
  } catch (error) {
    throw error instanceof NoSuchSchemaTargetError ? new NoSuchJobExecutionError(id, name ?? '') : error;
  }
}
