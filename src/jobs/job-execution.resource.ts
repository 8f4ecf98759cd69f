import { z } from 'zod';
import { link, type Links } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema, SchemaTargetSchema, TimestampSchema } from '../representation/resource.js';
import { formatDay, formatDuration, formatTimeOfDay, formatTimestamp } from '../representation/timestamp.js';
import { executionContextResource, ExecutionContextSchema } from './execution-context.js';
import { type JobExecution, permittedActions, type StepExecution } from './job-history.js';
import { type JobParametersResource, jobParametersResource, JobParametersSchema } from './job-parameters.js';
import {
  BatchStatusSchema,
  ExitStatusSchema,
  stepExecutionBody,
  StepExecutionSchema,
} from './step-execution.resource.js';

const headShape = {
  executionId: z.number().int(),
  stepExecutionCount: z.number().int(),
  jobId: z.number().int().describe('Id of the job instance'),
  taskExecutionId: z.number().int().describe('0 for a job that ran outside of any task'),
  name: z.string(),
  startDate: z.string().describe('`2026-11-20`; empty when not started'),
  startTime: z.string().describe('`10:00:01`; empty when not started'),
  duration: z.string().describe('`HH:mm:ss`, hours beyond 24; empty when not started'),
};

const tailShape = {
  jobParameters: z.record(z.string(), z.string()),
  jobParametersString: z.string(),
  restartable: z.boolean(),
  abandonable: z.boolean(),
  stoppable: z.boolean(),
  defined: z.boolean().describe('Whether the definition of the task that it ran in exists'),
  timeZone: z.string(),
  schemaTarget: SchemaTargetSchema,
};

/** A job execution as Spring Batch's class is written. */
const JobExecutionBodySchema = z
  .object({
    id: z.number().int(),
    version: z.number().int().nullable(),
    jobParameters: JobParametersSchema,
    jobInstance: z
      .object({ id: z.number().int(), jobName: z.string(), version: z.null() })
      .meta({ id: 'BatchJobInstance' }),
    stepExecutions: z.array(StepExecutionSchema).describe('Empty in lists'),
    status: BatchStatusSchema,
    startTime: TimestampSchema.nullable(),
    createTime: TimestampSchema,
    endTime: TimestampSchema.nullable(),
    lastUpdated: TimestampSchema.nullable(),
    exitStatus: ExitStatusSchema,
    executionContext: ExecutionContextSchema,
    jobConfigurationName: z.null(),
    failureExceptions: z.array(z.unknown()),
    allFailureExceptions: z.array(z.unknown()),
  })
  .meta({ id: 'JobExecution' });

/** A job execution within a job instance. */
export const NestedJobExecutionSchema = z
  .object({ ...headShape, jobExecution: JobExecutionBodySchema, ...tailShape })
  .meta({ id: 'NestedJobExecution' });

/** A job execution with its links. */
export const JobExecutionSchema = z
  .object({ ...headShape, jobExecution: JobExecutionBodySchema, ...tailShape, _links: LinksSchema })
  .meta({ id: 'JobExecutionResource' });

/** A job execution as short lists show it. */
export const ThinJobExecutionSchema = z
  .object({
    ...headShape,
    instanceId: z.number().int(),
    startDateTime: TimestampSchema.nullable(),
    ...tailShape,
    status: BatchStatusSchema,
    _links: LinksSchema,
  })
  .meta({ id: 'JobExecutionThinResource' });

/** A page of job executions. */
export const JobExecutionPageSchema = pageSchema('JobExecutionPage', 'jobExecutionResourceList', JobExecutionSchema);

/** A page of job executions, short. */
export const ThinJobExecutionPageSchema = pageSchema(
  'JobExecutionThinPage',
  'jobExecutionThinResourceList',
  ThinJobExecutionSchema,
);

/**
 * Writes a job execution with its links.
 * @param now until when a running job has lasted
 */
export function jobExecutionResource(
  execution: JobExecution,
  steps: readonly StepExecution[],
  now: Date,
  frame: RequestFrame,
): z.infer<typeof JobExecutionSchema> {
  const links = linksOf(execution, execution.status !== 'COMPLETED', frame);
  return { ...nestedJobExecutionResource(execution, steps, now), _links: links };
}

/** Writes a job execution without links, as it stands within a job instance. */
export function nestedJobExecutionResource(
  execution: JobExecution,
  steps: readonly StepExecution[],
  now: Date,
): z.infer<typeof NestedJobExecutionSchema> {
  const parameters = jobParametersResource(execution.parameters);
  return {
    executionId: execution.id,
    ...headOf(execution, now),
    jobExecution: {
      id: execution.id,
      version: execution.version,
      jobParameters: parameters.typed,
      jobInstance: { id: execution.instanceId, jobName: execution.jobName, version: null },
      stepExecutions: steps.map((step) => stepExecutionBody(step, execution.parameters)),
      status: execution.status,
      startTime: formatTimestamp(execution.startTime),
      createTime: formatTimestamp(execution.createTime),
      endTime: formatTimestamp(execution.endTime),
      lastUpdated: formatTimestamp(execution.lastUpdated),
      exitStatus: execution.exitStatus,
      executionContext: executionContextResource([]),
      jobConfigurationName: null,
      failureExceptions: [],
      allFailureExceptions: [],
    },
    ...tailOf(execution, parameters),
  };
}

/** Writes a job execution as short lists show it; see {@link jobExecutionResource}. */
export function thinJobExecutionResource(
  execution: JobExecution,
  now: Date,
  frame: RequestFrame,
): z.infer<typeof ThinJobExecutionSchema> {
  return {
    executionId: execution.id,
    ...headOf(execution, now),
    instanceId: execution.instanceId,
    startDateTime: formatTimestamp(execution.startTime),
    ...tailOf(execution, jobParametersResource(execution.parameters)),
    status: execution.status,
    _links: linksOf(execution, execution.endTime !== null, frame),
  };
}

/** What follows the id; copied behind a field of its own, since V8 makes a literal slowly that begins with a copy. */
function headOf(execution: JobExecution, now: Date) {
  const { startTime, endTime } = execution;
  return {
    stepExecutionCount: execution.stepCount,
    jobId: execution.instanceId,
    taskExecutionId: execution.taskExecutionId,
    name: execution.jobName,
    startDate: formatDay(startTime),
    startTime: formatTimeOfDay(startTime),
    duration: startTime === null ? '' : formatDuration((endTime ?? now).getTime() - startTime.getTime()),
  };
}

function tailOf(execution: JobExecution, parameters: JobParametersResource) {
  return {
    jobParameters: { ...parameters.texts },
    jobParametersString: parameters.line,
    ...permittedActions(execution.status),
    defined: execution.defined,
    timeZone: 'UTC',
    schemaTarget: execution.schemaTarget,
  };
}

/** SCDF writes ids of the task execution and of the job instance here; ours are the job execution's. */
function linksOf({ id, schemaTarget, endTime }: JobExecution, hasRestart: boolean, frame: RequestFrame): Links {
  const self = `${frame.baseUrl}/jobs/executions/${id}?schemaTarget=${schemaTarget}`;
  return {
    self: link(self),
    ...(endTime === null ? { stop: link(`${self}&stop=true`) } : {}),
    ...(hasRestart ? { restart: link(`${self}&restart=true`) } : {}),
  };
}
