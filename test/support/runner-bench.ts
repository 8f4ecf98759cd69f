import { ComposedBench } from './composed-bench.js';
import { type RunnerProcess, startRunner } from './composed-runner.js';
import { datasourceVariables } from './database.js';
import { RunnerRows } from './runner-rows.js';
import { eventually, type Workbench } from './workbench.js';

/** How a run of the runner ended. */
export interface RunnerEnd {
  readonly code: number | null;
  readonly output: string;
}

/** An execution that waits for its process. */
export interface MadeExecution {
  readonly id: number;
  /** The argument that names it to the runner. */
  readonly word: string;
}

/**
 * The composed task runner as a process, with a server for its children, whose apps are those of {@link ComposedBench}.
 * A test opens one for its file, kills the runners that are left after each test, and closes it.
 */
export class RunnerBench {
  /** What runs and children have written. */
  readonly written: RunnerRows;
  private readonly runners: RunnerProcess[] = [];

  private constructor(readonly composed: ComposedBench) {
    this.written = new RunnerRows(composed);
  }

  static async open(): Promise<RunnerBench> {
    return new RunnerBench(await ComposedBench.open());
  }

  async close(): Promise<void> {
    await this.killAll();
    await this.composed.close();
  }

  /** The server, a client to it, and the directory of the children's programs. */
  get workbench(): Workbench {
    return this.composed.bench;
  }

  /** Base URL of the server. */
  get url(): string {
    return this.workbench.server.url;
  }

  /** The variables that tell the runner of the server's database. */
  get datasource(): Readonly<Record<string, string>> {
    return datasourceVariables(this.workbench.server.database);
  }

  /** Starts a run as a deployer does, which hands on the task's name as JSON; what the words say wins over what is usual. */
  start(
    name: string,
    graph: string,
    words: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): RunnerProcess {
    const usual = [`--graph=${graph}`, `--dataflow-server-uri=${this.url}`, '--interval-time-between-checks=500'];
    const runner = startRunner([...usual, ...words], {
      ...this.datasource,
      SPRING_APPLICATION_JSON: JSON.stringify({ 'spring.cloud.task.name': name }),
      ...environment,
    });
    this.runners.push(runner);
    return runner;
  }

  /** Starts a run, and waits for its end. */
  async run(...given: Parameters<RunnerBench['start']>): Promise<RunnerEnd> {
    const runner = this.start(...given);
    return { code: await runner.ended(), output: runner.output() };
  }

  /** Makes an execution of a run, as a server does before it starts the process. */
  async madeExecution(name: string): Promise<MadeExecution> {
    const [made] = await this.composed.rows<{ id: number }>(
      `insert into task_execution (task_execution_id, task_name, last_updated)
       values (nextval('task_seq'), $1, now()) returning task_execution_id as id`,
      [name],
    );
    if (made === undefined) throw new Error(`no execution of ${name} was made`);
    return { id: made.id, word: `--spring.cloud.task.executionid=${made.id}` };
  }

  /**
   * Waits until the last step of a job has written something into its context: a process that is killed from then on leaves
   * it to the next one.
   */
  async remembered(name: string, text: string): Promise<void> {
    await eventually(
      async () => (await this.written.lastSteps(name)).at(-1)?.context ?? '',
      (context) => context.includes(text),
    );
  }

  /** Ends all runners that a test has left. */
  async killAll(): Promise<void> {
    for (const runner of this.runners.splice(0)) await runner.kill();
  }
}
