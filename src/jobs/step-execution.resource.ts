import { z } from 'zod';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema, SchemaTargetSchema, TimestampSchema } from '../representation/resource.js';
import { formatTimestamp } from '../representation/timestamp.js';
import {
  type ContextEntries,
  executionContextResource,
  ExecutionContextSchema,
  readExecutionContext,
  stepTypeOf,
} from './execution-context.js';
import { BATCH_STATUSES, type StepExecution, type StoredJobParameter } from './job-history.js';
import { jobParametersResource, JobParametersSchema } from './job-parameters.js';

/** State of a job or step execution. */
export const BatchStatusSchema = z.enum(BATCH_STATUSES).meta({ id: 'BatchStatus' });

/** The outcome that an application gave a job or step. */
export const ExitStatusSchema = z
  .object({ exitCode: z.string(), exitDescription: z.string() })
  .meta({ id: 'ExitStatus' });

const count = z.number().int();

/** A step execution as Spring Batch's class is written. */
export const StepExecutionSchema = z
  .object({
    stepName: z.string(),
    id: z.number().int(),
    version: z.number().int(),
    status: BatchStatusSchema,
    readCount: count,
    writeCount: count,
    commitCount: count,
    rollbackCount: count,
    readSkipCount: count,
    processSkipCount: count,
    writeSkipCount: count,
    startTime: TimestampSchema.nullable(),
    endTime: TimestampSchema.nullable(),
    lastUpdated: TimestampSchema.nullable(),
    executionContext: ExecutionContextSchema,
    exitStatus: ExitStatusSchema,
    terminateOnly: z.boolean(),
    filterCount: count,
    jobExecutionId: z.number().int(),
    jobParameters: JobParametersSchema,
    summary: z.string(),
    skipCount: count,
    failureExceptions: z.array(z.unknown()),
  })
  .meta({ id: 'StepExecution' });

/** A step execution with its links. */
export const StepExecutionResourceSchema = z
  .object({
    jobExecutionId: z.number().int(),
    stepExecution: StepExecutionSchema,
    stepType: z.string().describe('Empty in lists'),
    schemaTarget: SchemaTargetSchema,
    _links: LinksSchema,
  })
  .meta({ id: 'StepExecutionResource' });

/** A page of step executions. */
export const StepExecutionPageSchema = pageSchema(
  'StepExecutionPage',
  'stepExecutionResourceList',
  StepExecutionResourceSchema,
);

/** Writes a step execution with its links; its context and type only where its context was read. */
export function stepExecutionResource(
  step: StepExecution,
  parameters: readonly StoredJobParameter[],
  frame: RequestFrame,
): z.infer<typeof StepExecutionResourceSchema> {
  const context = readExecutionContext(step.context);
  const self = `${frame.baseUrl}/jobs/executions/${step.jobExecutionId}/steps/${step.id}`;
  const target = `?schemaTarget=${step.schemaTarget}`;
  return {
    jobExecutionId: step.jobExecutionId,
    stepExecution: stepExecutionBody(step, parameters, context),
    stepType: stepTypeOf(context),
    schemaTarget: step.schemaTarget,
    _links: { self: link(`${self}${target}`), progress: link(`${self}/progress${target}`) },
  };
}

/** Writes a step execution as it stands within jobs, step resources and progress. */
export function stepExecutionBody(
  step: StepExecution,
  parameters: readonly StoredJobParameter[],
  context: ContextEntries = [],
): z.infer<typeof StepExecutionSchema> {
  const { readCount, writeCount, commitCount, rollbackCount, readSkipCount, processSkipCount, writeSkipCount } = step;
  return {
    stepName: step.stepName,
    id: step.id,
    version: step.version,
    status: step.status,
    ...{ readCount, writeCount, commitCount, rollbackCount, readSkipCount, processSkipCount, writeSkipCount },
    startTime: formatTimestamp(step.startTime),
    endTime: formatTimestamp(step.endTime),
    lastUpdated: formatTimestamp(step.lastUpdated),
    executionContext: executionContextResource(context),
    exitStatus: step.exitStatus,
    terminateOnly: false,
    filterCount: step.filterCount,
    jobExecutionId: step.jobExecutionId,
    jobParameters: jobParametersResource(parameters).typed,
    summary: summaryOf(step),
    skipCount: readSkipCount + processSkipCount + writeSkipCount,
    failureExceptions: [],
  };
}

/** Spring Batch's own line, with the comma that it lacks after writeCount lacking. */
function summaryOf(step: StepExecution): string {
  return (
    `StepExecution: id=${step.id}, version=${step.version}, name=${step.stepName}, status=${step.status}, ` +
    `exitStatus=${step.exitStatus.exitCode}, readCount=${step.readCount}, filterCount=${step.filterCount}, ` +
    `writeCount=${step.writeCount} readSkipCount=${step.readSkipCount}, writeSkipCount=${step.writeSkipCount}, ` +
    `processSkipCount=${step.processSkipCount}, commitCount=${step.commitCount}, rollbackCount=${step.rollbackCount}`
  );
}
