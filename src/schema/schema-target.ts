import type { SchemaTargetName } from '../platforms/platform.js';
import { DomainError } from '../representation/domain-error.js';

/** A generation of tables: what Spring Cloud Task 2 and Batch 4 write, or what Task 3 and Batch 5 do. */
export interface SchemaTarget {
  readonly name: SchemaTargetName;
  readonly schemaVersion: '2' | '3';
  readonly taskPrefix: string;
  readonly batchPrefix: string;
}

/** Both generations, by name. */
export const SCHEMA_TARGETS: Readonly<Record<SchemaTargetName, SchemaTarget>> = {
  boot2: { name: 'boot2', schemaVersion: '2', taskPrefix: 'TASK_', batchPrefix: 'BATCH_' },
  boot3: { name: 'boot3', schemaVersion: '3', taskPrefix: 'BOOT3_TASK_', batchPrefix: 'BOOT3_BATCH_' },
};

/** The names of both. Who locks rows of both does it in this order, so that no two wait for each other. */
export const SCHEMA_TARGET_NAMES = ['boot2', 'boot3'] as const satisfies readonly SchemaTargetName[];

/** What the names of a generation's tables begin with, as statements write them. */
export const TABLE_PREFIXES = {
  boot2: prefixesOf(SCHEMA_TARGETS.boot2),
  boot3: prefixesOf(SCHEMA_TARGETS.boot3),
} as const satisfies Record<SchemaTargetName, unknown>;

function prefixesOf({ taskPrefix, batchPrefix }: SchemaTarget) {
  return { task: taskPrefix.toLowerCase(), batch: batchPrefix.toLowerCase() };
}

/** There is no such generation. SCDF answers 500 for executions, 404 for jobs. */
export class NoSuchSchemaTargetError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchSchemaTargetException';

  constructor(name: string) {
    super(`SchemaVersionTarget: ${name.slice(0, 100)} not found; known are: ${Object.keys(SCHEMA_TARGETS).join(', ')}`);
  }
}

/** The generation that an app of this Spring Boot generation writes to. */
export function schemaTargetOf(bootVersion: '2' | '3'): SchemaTargetName {
  return bootVersion === '3' ? 'boot3' : 'boot2';
}

/**
 * Reads the `schemaTarget` parameter; `boot2` when missing, as in SCDF.
 * @throws NoSuchSchemaTargetError
 */
export function parseSchemaTarget(name: string | undefined): SchemaTargetName {
  if (name === undefined || name === '') return 'boot2';
  if (name === 'boot2' || name === 'boot3') return name;
  throw new NoSuchSchemaTargetError(name);
}
