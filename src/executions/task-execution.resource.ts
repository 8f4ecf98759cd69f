import { z } from 'zod';
import { maskLaunchArgument, maskProperty } from '../composition/engine/masks.js';
import { waitingLaunchResource, WaitingLaunchSchema } from '../launching/tracked-launch.resource.js';
import { link, type Links, segment, templatedLink } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema, SchemaTargetSchema, TimestampSchema } from '../representation/resource.js';
import { formatTimestamp } from '../representation/timestamp.js';
import { describeResource } from '../resources/app-uri.js';
import {
  type LatestExecution,
  TASK_EXECUTION_STATUSES,
  type TaskExecution,
  type TaskExecutionSummary,
} from './task-execution.js';

const PropertiesSchema = z.record(z.string(), z.string());

const common = {
  executionId: z.number().int(),
  exitCode: z.number().int().nullable(),
  taskName: z.string().nullable(),
  startTime: TimestampSchema.nullable(),
  endTime: TimestampSchema.nullable(),
  exitMessage: z.string().nullable(),
  errorMessage: z.string().nullable(),
  externalExecutionId: z.string().nullable(),
  parentExecutionId: z.number().int().nullable(),
  taskExecutionStatus: z.enum(TASK_EXECUTION_STATUSES),
  schemaTarget: SchemaTargetSchema,
};

const details = {
  arguments: z.array(z.string()).describe('What the application was started with; secrets masked'),
  jobExecutionIds: z.array(z.number().int()).nullable(),
  resourceUrl: z.string().nullable(),
  appProperties: PropertiesSchema.nullable().describe('Secrets masked'),
  deploymentProperties: PropertiesSchema.nullable().describe('Secrets masked'),
  platformName: z.string().nullable(),
};

/** An execution on the wire. */
export const TaskExecutionSchema = z
  .object({
    ...common,
    ...details,
    launch: WaitingLaunchSchema.optional().describe('Only until the execution has reached its platform; not in SCDF'),
    _links: LinksSchema,
  })
  .meta({ id: 'TaskExecution' });

/** An execution inside a task definition: without links. */
export const LastTaskExecutionSchema = z.object({ ...common, ...details }).meta({ id: 'LastTaskExecution' });

/** An execution in a thin list. */
export const ThinTaskExecutionSchema = z.object({ ...common, _links: LinksSchema }).meta({ id: 'ThinTaskExecution' });

export const TaskExecutionPageSchema = pageSchema(
  'TaskExecutionPage',
  'taskExecutionResourceList',
  TaskExecutionSchema,
);
export const ThinTaskExecutionPageSchema = pageSchema(
  'ThinTaskExecutionPage',
  'taskExecutionThinResourceList',
  ThinTaskExecutionSchema,
);

export type TaskExecutionResource = z.infer<typeof TaskExecutionSchema>;
export type LastTaskExecutionResource = z.infer<typeof LastTaskExecutionSchema>;
export type ThinTaskExecutionResource = z.infer<typeof ThinTaskExecutionSchema>;

/** Writes an execution with all that is known of it. */
export function taskExecutionResource(execution: TaskExecution, frame: RequestFrame): TaskExecutionResource {
  return {
    executionId: execution.id,
    ...commonFields(execution),
    arguments: execution.arguments.map(maskLaunchArgument),
    jobExecutionIds: [...execution.jobExecutionIds],
    ...manifestFields(execution),
    platformName: execution.platformName,
    ...(execution.launch === undefined ? {} : { launch: waitingLaunchResource(execution.launch) }),
    _links: { ...logLink(execution, frame), self: link(executionHref(execution, frame)) },
  };
}

/** Writes the last execution of a definition; what the launch was made of only on request, as in SCDF. */
export function lastTaskExecutionResource(
  execution: LatestExecution,
  withManifest: boolean,
): LastTaskExecutionResource {
  return {
    executionId: execution.id,
    ...commonFields(execution),
    arguments: execution.arguments.map(maskLaunchArgument),
    jobExecutionIds: null,
    ...(withManifest ? manifestFields(execution) : NO_MANIFEST),
    platformName: null,
  };
}

/** Writes an execution as thin lists show it. */
export function thinTaskExecutionResource(
  execution: TaskExecutionSummary,
  frame: RequestFrame,
): ThinTaskExecutionResource {
  const definition = `${frame.baseUrl}/tasks/definitions/${segment(execution.taskName ?? '')}?manifest=true`;
  return {
    executionId: execution.id,
    ...commonFields(execution),
    _links: { self: link(executionHref(execution, frame)), 'tasks/definitions': link(definition) },
  };
}

/** Where an execution is found. */
export function executionHref(
  execution: Pick<TaskExecutionSummary, 'id' | 'schemaTarget'>,
  frame: RequestFrame,
): string {
  return `${frame.baseUrl}/tasks/executions/${execution.id}?schemaTarget=${execution.schemaTarget}`;
}

/** Masks the values of secret keys. */
export function maskProperties(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, maskProperty(key, value)]));
}

const NO_MANIFEST = { resourceUrl: null, appProperties: null, deploymentProperties: null };

/**
 * All that follows the id. A literal that begins with a copy is slow in V8: each further field takes a microsecond, which is
 * most of the time that a long list takes to write.
 */
function commonFields(execution: TaskExecutionSummary) {
  return {
    exitCode: execution.exitCode,
    taskName: execution.taskName,
    startTime: formatTimestamp(execution.startTime),
    endTime: formatTimestamp(execution.endTime),
    exitMessage: execution.exitMessage,
    errorMessage: execution.errorMessage,
    externalExecutionId: execution.externalExecutionId,
    parentExecutionId: execution.parentExecutionId,
    taskExecutionStatus: execution.status,
    schemaTarget: execution.schemaTarget,
  };
}

function manifestFields({ manifest }: LatestExecution) {
  if (manifest === null) return NO_MANIFEST;
  return {
    resourceUrl: manifest.resourceUri === null ? null : describeResource(manifest.resourceUri),
    appProperties: maskProperties(manifest.appProperties),
    deploymentProperties: maskProperties(manifest.deploymentProperties),
  };
}

function logLink(execution: TaskExecution, frame: RequestFrame): Links {
  if (execution.externalExecutionId === null) return {};
  const href = `${frame.baseUrl}/tasks/logs/${segment(execution.externalExecutionId)}`;
  const { platformName, schemaTarget } = execution;
  return {
    'tasks/logs':
      platformName === null
        ? templatedLink(`${href}?schemaTarget=${schemaTarget}{&platformName}`)
        : link(`${href}?platformName=${segment(platformName)}&schemaTarget=${schemaTarget}`),
  };
}
