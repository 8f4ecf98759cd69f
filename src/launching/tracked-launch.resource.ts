import { z } from 'zod';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema, SchemaTargetSchema, TimestampSchema } from '../representation/resource.js';
import { formatTimestamp } from '../representation/timestamp.js';
import { reasonToWait, type TrackedLaunch } from './tracked-launch.js';

const LaunchStateSchema = z.enum(['queued', 'accepted', 'launched', 'ended', 'refused']).meta({
  id: 'LaunchState',
  description:
    'queued: waits for room; accepted: on its way to its platform; launched: with its platform; ended; refused by its platform',
});

const waiting = {
  state: LaunchStateSchema,
  priority: z.number().int().describe('Higher goes first; deployer.<app>.millrace.priority'),
  position: z.number().int().nullable().describe('From 1, among those that wait for the same room'),
  queuedAt: TimestampSchema.describe('When the launch was accepted; of one priority, the oldest goes first'),
  reason: z.string().nullable().describe('What it waits for, why the last attempt failed, or how it ended'),
};

/** What an execution that has not reached its platform says of its launch; SCDF's clients do not look at it. */
export const WaitingLaunchSchema = z.object(waiting).meta({ id: 'WaitingLaunch' });

/** A launch on the wire; not in SCDF. */
export const TrackedLaunchSchema = z
  .object({
    executionId: z.number().int(),
    schemaTarget: SchemaTargetSchema,
    taskName: z.string(),
    platformName: z.string(),
    externalExecutionId: z.string().describe('The name that pod or process bears or will bear'),
    ...waiting,
    attempts: z.number().int(),
    launchedAt: TimestampSchema.nullable(),
    _links: LinksSchema,
  })
  .meta({ id: 'Launch' });

export const TrackedLaunchPageSchema = pageSchema('LaunchPage', 'launchResourceList', TrackedLaunchSchema);

/** See {@link WaitingLaunchSchema}. */
export function waitingLaunchResource(launch: TrackedLaunch): z.infer<typeof WaitingLaunchSchema> {
  return {
    state: launch.state,
    priority: launch.priority,
    position: launch.position,
    queuedAt: formatTimestamp(launch.acceptedAt),
    reason: reasonToWait(launch),
  };
}

/** Writes a launch with links to itself and to its execution. */
export function trackedLaunchResource(launch: TrackedLaunch, frame: RequestFrame): z.infer<typeof TrackedLaunchSchema> {
  const { executionId, schemaTarget } = launch;
  const at = `${executionId}?schemaTarget=${schemaTarget}`;
  return {
    executionId,
    schemaTarget,
    taskName: launch.taskName,
    platformName: launch.platformAccount,
    externalExecutionId: launch.externalExecutionId,
    ...waitingLaunchResource(launch),
    attempts: launch.attempts,
    launchedAt: formatTimestamp(launch.launchedAt),
    _links: {
      self: link(`${frame.baseUrl}/millrace/launches/${at}`),
      'tasks/executions/execution': link(`${frame.baseUrl}/tasks/executions/${at}`),
    },
  };
}
