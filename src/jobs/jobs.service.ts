import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { RowCounts } from '../database/row-counts.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { Page, PageRequest } from '../representation/page.js';
import {
  countJobExecutions,
  type ExecutionKey,
  keyOf,
  type ResolvedFilter,
  selectExecutionsOfInstances,
  selectJobExecution,
  selectJobExecutions,
  selectJobInstance,
  selectJobInstances,
  selectJobParameters,
} from './job-execution.sql.js';
import type {
  JobExecution,
  JobExecutionFilter,
  JobInstance,
  StepExecution,
  StoredJobParameter,
} from './job-history.js';
import { JobStatistics } from './job-statistics.service.js';
import { likePattern } from './job-statistics.sql.js';
import {
  NoSuchJobError,
  NoSuchJobExecutionError,
  NoSuchJobExecutionForStepsError,
  NoSuchJobInstanceError,
  NoSuchStepExecutionError,
} from './jobs.errors.js';
import { countStepExecutions, selectStepExecution, selectStepExecutions } from './step-execution.sql.js';
import { comparedStepName, type StepFigures } from './step-history.js';

/** A job execution with its steps. */
export interface DetailedJobExecution {
  readonly execution: JobExecution;
  /** By id, without contexts; empty in lists. */
  readonly steps: readonly StepExecution[];
}

/** A job instance with its executions, the newest first. */
export interface DetailedJobInstance {
  readonly instance: JobInstance;
  readonly executions: readonly DetailedJobExecution[];
}

/** A step execution with the parameters of its job. */
export interface DetailedStepExecution {
  readonly step: StepExecution;
  readonly parameters: readonly StoredJobParameter[];
}

/** Reads the Spring Batch history that applications of both generations wrote. */
@Injectable()
export class JobsService {
  constructor(
    private readonly database: Database,
    private readonly counts: RowCounts,
    private readonly statistics: JobStatistics,
  ) {}

  /**
   * One page of job executions, the newest first, those of both generations together.
   *
   * @param brief without exit descriptions
   * @throws NoSuchJobError when only a name restricts the list and no job bears it
   */
  async listExecutions(filter: JobExecutionFilter, request: PageRequest, brief: boolean): Promise<Page<JobExecution>> {
    const { name, ...rest } = filter;
    const names = name === undefined ? undefined : (await this.statistics.matchingJobs(name)).names;
    if (name !== undefined && names?.length === 0) {
      if (isOnlyByName(filter)) throw new NoSuchJobError(name);
      return { elements: [], totalElements: 0 };
    }
    const resolved: ResolvedFilter = { ...rest, names: name === undefined || isAny(name) ? undefined : names };
    const totalElements = await this.countExecutions(resolved, name);
    const elements = await selectJobExecutions(this.database, resolved, request, totalElements, brief);
    return { elements, totalElements };
  }

  /** @throws NoSuchJobExecutionError */
  async findExecution(key: ExecutionKey): Promise<DetailedJobExecution> {
    const execution = await selectJobExecution(this.database, key);
    if (execution === undefined) throw await this.noSuchExecution(key);
    return { execution, steps: await selectStepExecutions(this.database, key.schemaTarget, [key.id]) };
  }

  /**
   * One page of the instances of jobs with their executions, the oldest first, without steps.
   *
   * @param name pattern as of SQL's LIKE
   * @throws NoSuchJobError when no job bears such a name
   */
  async listInstances(name: string, request: PageRequest): Promise<Page<DetailedJobInstance>> {
    const jobs = await this.statistics.matchingJobs(name);
    if (jobs.names.length === 0) throw new NoSuchJobError(name);
    const instances = await selectJobInstances(this.database, jobs.names, request, jobs.instances);
    const executions = await selectExecutionsOfInstances(this.database, instances);
    const byInstance = grouped(executions, ({ schemaTarget, instanceId }) => keyOf({ schemaTarget, id: instanceId }));
    const elements = instances.map((instance) => ({
      instance,
      executions: (byInstance.get(keyOf(instance)) ?? []).map((execution) => ({ execution, steps: [] })),
    }));
    return { elements, totalElements: jobs.instances };
  }

  /**
   * A job instance with its executions and their steps.
   * @throws NoSuchJobInstanceError
   */
  async findInstance(key: ExecutionKey): Promise<DetailedJobInstance> {
    const instance = await selectJobInstance(this.database, key);
    if (instance === undefined) throw new NoSuchJobInstanceError(key.id, key.schemaTarget);
    const executions = await selectExecutionsOfInstances(this.database, [instance]);
    const ids = executions.map(({ id }) => id);
    const steps = grouped(
      await selectStepExecutions(this.database, key.schemaTarget, ids),
      ({ jobExecutionId }) => jobExecutionId,
    );
    return {
      instance,
      executions: executions.map((execution) => ({ execution, steps: steps.get(execution.id) ?? [] })),
    };
  }

  /**
   * Number of steps of a job execution.
   * @throws NoSuchJobExecutionForStepsError
   */
  async countSteps({ schemaTarget, id }: ExecutionKey): Promise<number> {
    const total = await countStepExecutions(this.database, schemaTarget, id);
    if (total === undefined) throw new NoSuchJobExecutionForStepsError(id);
    return total;
  }

  /** Steps of a job execution by id, without contexts. */
  async listSteps(job: ExecutionKey, { offset, size }: PageRequest): Promise<readonly DetailedStepExecution[]> {
    const steps = await selectStepExecutions(this.database, job.schemaTarget, [job.id], { offset, limit: size });
    const parameters = await this.parametersOf(job);
    return steps.map((step) => ({ step, parameters }));
  }

  /**
   * A step execution with its context.
   * @throws NoSuchStepExecutionError
   */
  async findStep(schemaTarget: SchemaTargetName, jobExecutionId: number, id: number): Promise<DetailedStepExecution> {
    const step = await selectStepExecution(this.database, schemaTarget, jobExecutionId, id);
    if (step === undefined) throw new NoSuchStepExecutionError(jobExecutionId, id);
    return { step, parameters: await this.parametersOf({ schemaTarget, id: jobExecutionId }) };
  }

  /** What a step's earlier executions were like: all finished ones of that step in jobs of that name. */
  async historyOf({ schemaTarget, jobName, stepName }: StepExecution): Promise<StepFigures> {
    return this.statistics.historyOf({ schemaTarget, jobName, stepName: comparedStepName(stepName) });
  }

  /** Counts without reading where a count is kept: for any name and status. */
  private async countExecutions(filter: ResolvedFilter, pattern: string | undefined): Promise<number> {
    const { names, status, ...rest } = filter;
    if (Object.values(rest).some((value) => value !== undefined)) return countJobExecutions(this.database, filter);
    return this.counts.countJobExecutions({
      ...(names?.length === 1
        ? { name: names[0] }
        : { nameLike: pattern === undefined ? undefined : likePattern(pattern) }),
      statuses: status === undefined ? undefined : [status],
    });
  }

  private async noSuchExecution({ schemaTarget, id }: ExecutionKey): Promise<NoSuchJobExecutionError> {
    const other = schemaTarget === 'boot2' ? 'boot3' : 'boot2';
    const isThere = (await selectJobExecution(this.database, { schemaTarget: other, id })) !== undefined;
    const hint = isThere ? `There is one with schemaTarget=${other}; ids count separately.` : undefined;
    return new NoSuchJobExecutionError(id, schemaTarget, hint);
  }

  private async parametersOf(job: ExecutionKey): Promise<readonly StoredJobParameter[]> {
    return (await selectJobParameters(this.database, [job])).get(keyOf(job)) ?? [];
  }
}

/** Whether a pattern matches every name. */
function isAny(pattern: string): boolean {
  return /^%+$/.test(pattern);
}

function isOnlyByName({ name: _, ...others }: JobExecutionFilter): boolean {
  return Object.values(others).every((value) => value === undefined);
}

/** Elements under their keys, in their order. */
function grouped<Element, Key>(elements: readonly Element[], keyOf: (element: Element) => Key): Map<Key, Element[]> {
  const groups = new Map<Key, Element[]>();
  for (const element of elements) {
    const key = keyOf(element);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [element]);
    else group.push(element);
  }
  return groups;
}
