import { z } from 'zod';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema } from '../representation/resource.js';
import { NestedJobExecutionSchema, nestedJobExecutionResource } from './job-execution.resource.js';
import type { JobInstance } from './job-history.js';
import type { DetailedJobExecution } from './jobs.service.js';

/** A job instance with its executions. */
export const JobInstanceSchema = z
  .object({
    jobName: z.string(),
    jobInstanceId: z.number().int(),
    jobExecutions: z.array(NestedJobExecutionSchema),
    _links: LinksSchema,
  })
  .meta({ id: 'JobInstanceResource' });

/** A page of job instances. */
export const JobInstancePageSchema = pageSchema('JobInstancePage', 'jobInstanceResourceList', JobInstanceSchema);

/**
 * Writes a job instance.
 * @param executions its executions, the newest first
 * @param now until when running jobs have lasted
 */
export function jobInstanceResource(
  instance: JobInstance,
  executions: readonly DetailedJobExecution[],
  now: Date,
  frame: RequestFrame,
): z.infer<typeof JobInstanceSchema> {
  const self = `${frame.baseUrl}/jobs/instances/${instance.id}`;
  return {
    jobName: instance.jobName,
    jobInstanceId: instance.id,
    jobExecutions: executions.map(({ execution, steps }) => nestedJobExecutionResource(execution, steps, now)),
    // SCDF leaves the schema target out, which means Boot 2.
    _links: { self: link(instance.schemaTarget === 'boot2' ? self : `${self}?schemaTarget=${instance.schemaTarget}`) },
  };
}
