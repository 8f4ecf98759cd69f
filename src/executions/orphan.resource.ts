import { z } from 'zod';
import { pageSchema, SchemaTargetSchema, TimestampSchema } from '../representation/resource.js';
import { formatTimestamp } from '../representation/timestamp.js';
import type { Orphan } from './orphans.service.js';

/** An orphan on the wire; not in SCDF. */
const OrphanSchema = z
  .object({
    name: z.string().describe('Of pod, job or process'),
    platformName: z.string(),
    platformType: z.string(),
    phase: z
      .enum(['waiting', 'running', 'succeeded', 'failed', 'gone'])
      .nullable()
      .describe('null: the platform cannot say at present'),
    executionId: z.number().int().nullable().describe('Of the execution that it belonged to'),
    schemaTarget: SchemaTargetSchema.nullable(),
    startTime: TimestampSchema.nullable(),
    endTime: TimestampSchema.nullable(),
    exitCode: z.number().int().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Orphan' });

export const OrphanPageSchema = pageSchema('OrphanPage', 'orphanResourceList', OrphanSchema);

export const OrphanRemovalSchema = z
  .object({
    removed: z.array(z.string()),
    stopping: z
      .array(z.string())
      .describe('Still running or being removed; to be asked for again while they are listed'),
  })
  .meta({ id: 'OrphanRemoval' });

/** Writes an orphan. */
export function orphanResource({ platform, name, status }: Orphan): z.infer<typeof OrphanSchema> {
  return {
    name,
    platformName: platform.accountName,
    platformType: platform.type,
    phase: status?.phase ?? null,
    executionId: status?.execution?.id ?? null,
    schemaTarget: status?.execution?.schemaTarget ?? null,
    startTime: formatTimestamp(status?.startedAt ?? null),
    endTime: formatTimestamp(status?.endedAt ?? null),
    exitCode: status?.exitCode ?? null,
    reason: status?.reason ?? null,
  };
}
