import { z } from 'zod';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, SchemaTargetSchema } from '../representation/resource.js';
import type { ExecutionKey } from './job-execution.sql.js';
import type { Recovery } from './job-recovery.service.js';

/** What a recovery did, on the wire. */
export const JobRecoverySchema = z
  .object({
    executionId: z.number().int().describe('Id of the job execution, which is FAILED now'),
    schemaTarget: SchemaTargetSchema,
    stepExecutionIds: z.array(z.number().int()).describe('Steps that were running and are FAILED now'),
    reason: z.string().describe('Exit message of the job and these steps'),
    restart: z
      .object({ executionId: z.number().int(), schemaTarget: SchemaTargetSchema })
      .nullable()
      .describe('The task execution of the restart, if one was asked for'),
    _links: LinksSchema,
  })
  .meta({ id: 'JobRecovery' });

/** Writes what a recovery did. */
export function jobRecoveryResource(
  { id, schemaTarget }: ExecutionKey,
  { steps, reason, restarted }: Recovery,
  frame: RequestFrame,
): z.infer<typeof JobRecoverySchema> {
  const { baseUrl } = frame;
  const task = restarted && `${baseUrl}/tasks/executions/${restarted.id}?schemaTarget=${restarted.schemaTarget}`;
  return {
    executionId: id,
    schemaTarget,
    stepExecutionIds: [...steps],
    reason,
    restart: restarted === undefined ? null : { executionId: restarted.id, schemaTarget: restarted.schemaTarget },
    _links: {
      self: link(`${baseUrl}/jobs/executions/${id}?schemaTarget=${schemaTarget}`),
      ...(task === undefined ? {} : { 'tasks/executions': link(task) }),
    },
  };
}
