import type { PreparingSqlRunner } from '../database/database.js';
import { JobAlreadyRunningError, JobInstanceCompleteError, JobNotRestartableError } from './composed-launch.errors.js';
import { findInstance, findLastParameters, insertInstance, lockJob, type PriorInstance } from './composed-job.sql.js';
import {
  describeParameters,
  type InstanceRule,
  jobKeyOf,
  type JobParameters,
  nextParameters,
} from './job-parameters.js';

/** A job that is to be run. */
export interface JobToRun {
  readonly name: string;
  /** Those of the launch's arguments. */
  readonly parameters: JobParameters;
  readonly rule: InstanceRule;
  /** For `ctr.id`. */
  readonly uuid: string;
}

/**
 * Finds or makes the instance that a launch runs: the one that its arguments name, if there is one, so that it is restarted;
 * else the next one. Launches of one job take turns until the transaction ends.
 *
 * @throws JobAlreadyRunningError, JobInstanceCompleteError, JobNotRestartableError as Spring Batch does
 * @throws InvalidJobParameterError
 */
export async function takeInstance(
  sql: PreparingSqlRunner,
  { name, parameters, rule, uuid }: JobToRun,
): Promise<{ readonly instanceId: number; readonly parameters: JobParameters }> {
  await lockJob(sql, name);
  const named = await findInstance(sql, name, jobKeyOf(parameters));
  if (named !== undefined) return { instanceId: restartable(name, named, parameters), parameters };
  const next = nextParameters(rule, await findLastParameters(sql, name), parameters, uuid);
  const jobKey = jobKeyOf(next);
  // What the last instance's parameters and those asked for make together may have been run before.
  const known = await findInstance(sql, name, jobKey);
  if (known !== undefined) return { instanceId: restartable(name, known, next), parameters: next };
  return { instanceId: await insertInstance(sql, name, jobKey), parameters: next };
}

function restartable(job: string, { id, executions }: PriorInstance, parameters: JobParameters): number {
  const running = executions.find(({ ended }) => !ended);
  if (running !== undefined) throw new JobAlreadyRunningError(job, running.id);
  if (executions.some(({ status }) => status === 'COMPLETED' || status === 'ABANDONED')) {
    throw new JobInstanceCompleteError(job, describeParameters(parameters));
  }
  const unknown = executions.find(({ status }) => status === 'UNKNOWN');
  if (unknown !== undefined) throw new JobNotRestartableError(unknown.id, null);
  const [last] = executions;
  const step = last?.steps.find(({ status }) => status === 'UNKNOWN');
  if (last !== undefined && step !== undefined) throw new JobNotRestartableError(last.id, step.name);
  return id;
}
