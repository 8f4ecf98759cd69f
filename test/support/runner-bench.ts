import { type RunnerProcess, startRunner } from './composed-runner.js';
import { ComposedBench } from './composed-bench.js';

/** How a run of the runner ended. */
export interface RunnerEnd {
  readonly code: number | null;
  readonly output: string;
}

/** A step with what it is recorded to have ended with. */
export interface RunnerStepRow {
  readonly name: string;
  readonly status: string;
  readonly exit_code: string;
  readonly exit_message: string;
  readonly context: string;
}

/** The composed task runner as a process, with a server for its children. */
export class RunnerBench {
  private readonly runners: RunnerProcess[] = [];

  private constructor(readonly composed: ComposedBench) {}

  static async open(): Promise<RunnerBench> {
    return new RunnerBench(await ComposedBench.open());
  }

  async close(): Promise<void> {
    await this.killAll();
    await this.composed.close();
  }

  get url(): string {
    return this.composed.bench.server.url;
  }

  /** Starts a run; what the words say wins over what is usual here. */
  start(
    name: string,
    graph: string,
    words: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): RunnerProcess {
    const { url = '', username = '', password = '' } = this.composed.bench.server.database.configuration.datasource;
    const usual = [`--spring.cloud.task.name=${name}`, `--graph=${graph}`, `--dataflow-server-uri=${this.url}`];
    const runner = startRunner([...usual, '--interval-time-between-checks=500', ...words], {
      SPRING_DATASOURCE_URL: url,
      SPRING_DATASOURCE_USERNAME: username,
      SPRING_DATASOURCE_PASSWORD: password,
      ...environment,
    });
    this.runners.push(runner);
    return runner;
  }

  async run(...given: Parameters<RunnerBench['start']>): Promise<RunnerEnd> {
    const runner = this.start(...given);
    return { code: await runner.ended(), output: runner.output() };
  }

  /** Makes an execution as a server does it. @returns the argument that names it */
  async madeExecution(name: string): Promise<string> {
    const [made] = await this.composed.rows<{ id: number }>(
      `insert into task_execution (task_execution_id, task_name, last_updated)
       values (nextval('task_seq'), $1, now()) returning task_execution_id as id`,
      [name],
    );
    return `--spring.cloud.task.executionid=${made?.id}`;
  }

  /** The executions of a job, in their order. */
  jobs(name: string) {
    return this.composed.rows<{ id: number; status: string; exit_message: string }>(
      `select job_execution_id as id, status, exit_message
       from batch_job_execution join batch_job_instance using (job_instance_id) where job_name = $1 order by 1`,
      [name],
    );
  }

  /** The steps of a job's last execution, in their order. */
  lastSteps(name: string): Promise<readonly RunnerStepRow[]> {
    return this.composed.rows<RunnerStepRow>(
      `select step_name as name, status, exit_code, exit_message, short_context as context
       from batch_step_execution join batch_step_execution_context using (step_execution_id)
       where job_execution_id = (select max(job_execution_id) from batch_job_execution
                                 join batch_job_instance using (job_instance_id) where job_name = $1)
       order by step_execution_id`,
      [name],
    );
  }

  /** The executions of a child, in their order. */
  children(name: string) {
    return this.composed.rows<{ id: number; exit_code: number | null; ended: boolean }>(
      `select task_execution_id as id, exit_code, end_time is not null as ended
       from task_execution where task_name = $1 order by 1`,
      [name],
    );
  }

  async killAll(): Promise<void> {
    for (const runner of this.runners.splice(0)) {
      runner.signal('SIGKILL');
      await runner.ended();
    }
  }
}
