import type { ComposedBench } from './composed-bench.js';

/** A task execution: a run of the runner, or a child of one. */
export interface ExecutionRow {
  readonly id: number;
  /** The execution of the run that launched it. */
  readonly parent: number | null;
  readonly started: boolean;
  readonly ended: boolean;
  readonly exit_code: number | null;
  readonly error_message: string | null;
}

/** A job execution of the runner, with the key of its instance. */
export interface JobRow {
  readonly id: number;
  readonly instance: number;
  readonly job_key: string;
  readonly status: string;
  readonly exit_code: string;
  readonly exit_message: string;
}

/** A step with what it is recorded to have ended with; `context` is the text of its execution context. */
export interface StepRow {
  readonly name: string;
  readonly status: string;
  readonly exit_code: string;
  readonly exit_message: string;
  readonly context: string;
}

/** What runs of the runner and their children have written into a server's tables, by the names of tasks. */
export class RunnerRows {
  constructor(private readonly composed: ComposedBench) {}

  /** The executions of a task, in their order. */
  executions(name: string): Promise<readonly ExecutionRow[]> {
    return this.composed.rows<ExecutionRow>(
      `select task_execution_id as id, parent_execution_id as parent, start_time is not null as started,
              end_time is not null as ended, exit_code, error_message
       from task_execution where task_name = $1 order by task_execution_id`,
      [name],
    );
  }

  /** The executions of a job, in their order. */
  jobs(name: string): Promise<readonly JobRow[]> {
    return this.composed.rows<JobRow>(
      `select job_execution_id as id, job_instance_id as instance, job_key, status, exit_code, exit_message
       from batch_job_execution join batch_job_instance using (job_instance_id)
       where job_name = $1 order by job_execution_id`,
      [name],
    );
  }

  /** The steps of a job execution, in their order. */
  steps(jobExecutionId: number | undefined): Promise<readonly StepRow[]> {
    return this.composed.rows<StepRow>(
      `select step_name as name, status, exit_code, exit_message, short_context as context
       from batch_step_execution join batch_step_execution_context using (step_execution_id)
       where job_execution_id = $1 order by step_execution_id`,
      [jobExecutionId],
    );
  }

  /** The steps of a job's last execution, in their order; none before it has begun. */
  async lastSteps(name: string): Promise<readonly StepRow[]> {
    return this.steps((await this.jobs(name)).at(-1)?.id);
  }

  /** How the steps of a job execution stand, in their order: `seq-a_0 COMPLETED`. */
  async outcomes(jobExecutionId: number | undefined): Promise<readonly string[]> {
    return (await this.steps(jobExecutionId)).map(({ name, status }) => `${name} ${status}`);
  }
}
