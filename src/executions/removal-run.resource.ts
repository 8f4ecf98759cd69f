import { z } from 'zod';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema, TimestampSchema } from '../representation/resource.js';
import { formatTimestamp } from '../representation/timestamp.js';
import { REMOVAL_KINDS, REMOVAL_STATES, type RemovalRun } from './removal-run.js';

/** Executions of each task. */
export const TaskCountsSchema = z
  .array(z.object({ taskName: z.string(), executions: z.number().int() }))
  .meta({ id: 'ExecutionsByTask', description: 'Most first; the empty name stands for executions without one' });

/** A removal of many executions on the wire; not in SCDF. */
export const RemovalSchema = z
  .object({
    id: z.number().int(),
    kind: z.enum(REMOVAL_KINDS),
    dryRun: z.boolean(),
    scheduled: z.boolean().describe('Whether the server began it by itself'),
    state: z.enum(REMOVAL_STATES),
    selection: z.record(z.string(), z.unknown()).describe('What was asked for'),
    server: z.string().describe('Host on which it runs, or ran last'),
    expected: z
      .number()
      .int()
      .nullable()
      .describe(
        'Executions that fitted at the beginning, without those that go with them; null where it was not counted',
      ),
    executions: z
      .number()
      .int()
      .describe(
        'Removed so far, or cleaned up where that is all that was asked for; of a dry run, what would be removed',
      ),
    jobExecutions: z.number().int(),
    tasks: z.number().int().nullable().describe('Tasks to go through; null where it does not go by tasks'),
    tasksDone: z.number().int(),
    batches: z.number().int().describe('Transactions so far; taking over from a dead server is one'),
    longestBatchMilliseconds: z.number().int(),
    byTask: TaskCountsSchema,
    message: z
      .string()
      .nullable()
      .describe('Why it failed or was interrupted, or which server carried it on from which'),
    startTime: TimestampSchema,
    lastUpdated: TimestampSchema,
    endTime: TimestampSchema.nullable(),
    _links: LinksSchema,
  })
  .meta({ id: 'Removal' });

/** A page of removals. */
export const RemovalPageSchema = pageSchema('RemovalPage', 'removalResourceList', RemovalSchema);

/** Writes a removal. */
export function removalResource(run: RemovalRun, frame: RequestFrame): z.infer<typeof RemovalSchema> {
  return {
    id: run.id,
    kind: run.kind,
    dryRun: run.dryRun,
    scheduled: run.scheduled,
    state: run.state,
    selection: { ...run.selection },
    server: run.server,
    expected: run.expected,
    executions: run.executions,
    jobExecutions: run.jobExecutions,
    tasks: run.tasks,
    tasksDone: run.tasksDone,
    batches: run.batches,
    longestBatchMilliseconds: run.longestBatch,
    byTask: taskCounts(run.byTask),
    message: run.message,
    startTime: formatTimestamp(run.startedAt),
    lastUpdated: formatTimestamp(run.updatedAt),
    endTime: formatTimestamp(run.endedAt),
    _links: { self: link(`${frame.baseUrl}/millrace/removals/${run.id}`) },
  };
}

/** Writes how many executions of each task, most first. */
export function taskCounts(byTask: Readonly<Record<string, number>>): z.infer<typeof TaskCountsSchema> {
  return Object.entries(byTask)
    .map(([taskName, executions]) => ({ taskName, executions }))
    .sort((one, other) => other.executions - one.executions || (one.taskName < other.taskName ? -1 : 1));
}
