import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launched, TaskExecution } from './server-client.js';
import { eventually, Workbench } from './workbench.js';

/** A step execution, as tests compare it. */
export interface Step {
  readonly step_name: string;
  readonly status: string;
  readonly exit_code: string;
}

/** What a child's program wrote of itself, one line for each time it ran. */
export interface Ran {
  readonly task: string;
  readonly executionId: number;
  readonly arguments: readonly string[];
}

/**
 * A workbench for composed tasks. Apps: `ok` ends well; `fail` with exit code 1; `code` with that in the file `code-<task>`
 * or 0; `wait` waits for the file `gate-<task>` and ends as `code` does. Each appends a line to the ledger when it starts.
 */
export class ComposedBench {
  private constructor(readonly bench: Workbench) {}

  static async open(properties: Readonly<Record<string, string>> = {}): Promise<ComposedBench> {
    const bench = await Workbench.open({
      'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks': '50',
      ...properties,
    });
    const opened = new ComposedBench(bench);
    const { directory, client } = bench;
    const start = `echo "$SPRING_CLOUD_TASK_NAME|$SPRING_CLOUD_TASK_EXECUTIONID|$*" >> ${opened.ledger}`;
    const end = `exit "$(cat "${directory}/code-$SPRING_CLOUD_TASK_NAME" 2>/dev/null || echo 0)"`;
    const gate = `until [ ! -d "${directory}" ] || [ -e "${directory}/gate-$SPRING_CLOUD_TASK_NAME" ]; do sleep 0.05; done`;
    await client.register('ok', '1.0.0', await bench.script('ok.sh', start));
    await client.register('fail', '1.0.0', await bench.script('fail.sh', start, 'exit 1'));
    await client.register('code', '1.0.0', await bench.script('code.sh', start, end));
    await client.register('wait', '1.0.0', await bench.script('wait.sh', start, gate, end));
    await client.register('three', '1.0.0', await bench.script('three.sh', start, end), '3');
    return opened;
  }

  close(): Promise<void> {
    return this.bench.close();
  }

  get ledger(): string {
    return join(this.bench.directory, 'ledger');
  }

  define(name: string, definition: string): Promise<void> {
    return this.bench.client.define(name, definition);
  }

  launch(name: string, options: { arguments?: string; properties?: string } = {}): Promise<Launched> {
    return this.bench.client.launch(name, options);
  }

  /** Defines, launches, and waits for the end. */
  async run(
    name: string,
    definition: string,
    options: { arguments?: string; properties?: string } = {},
  ): Promise<TaskExecution> {
    await this.define(name, definition);
    return this.bench.run(name, options);
  }

  /** Lets `wait` of this task go on. */
  async openGate(task: string): Promise<void> {
    await this.bench.script(`gate-${task}`);
  }

  /** Sets the exit code of `code`, `wait` and `three` of this task. */
  async setCode(task: string, code: number): Promise<void> {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(this.bench.directory, `code-${task}`), String(code));
  }

  /** All that children of a composed task ran, in the order of their starts. */
  async ran(parent: string): Promise<readonly Ran[]> {
    const text = await readFile(this.ledger, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${parent}-`))
      .map((line) => {
        const [task = '', id = '', words = ''] = line.split('|');
        return { task, executionId: Number(id), arguments: words === '' ? [] : words.split(' ') };
      });
  }

  /** The names of those, without that of the parent. */
  async names(parent: string): Promise<readonly string[]> {
    return (await this.ran(parent)).map(({ task }) => task.slice(parent.length + 1));
  }

  /** Waits until a child's program runs. */
  async started(task: string, times = 1): Promise<void> {
    const parent = task.slice(0, task.lastIndexOf('-'));
    await eventually(
      async () => (await this.ran(parent)).filter((one) => one.task === task).length,
      (count) => count >= times,
    );
  }

  /** Rows of the database. */
  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    const client = await this.bench.server.database.client();
    try {
      return (await client.query(sql, [...parameters])).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** The steps of a job execution, in their order. */
  steps(jobExecutionId: number | undefined): Promise<readonly Step[]> {
    return this.rows<Step>(
      `select step_name, status, exit_code from batch_step_execution where job_execution_id = $1
       order by step_execution_id`,
      [jobExecutionId],
    );
  }

  /** Status and exit code of an execution's job. */
  async job({
    jobExecutionIds: [id],
  }: TaskExecution): Promise<{ status: string; exit_code: string; exit_message: string }> {
    const [job] = await this.rows<{ status: string; exit_code: string; exit_message: string }>(
      'select status, exit_code, exit_message from batch_job_execution where job_execution_id = $1',
      [id],
    );
    if (job === undefined) throw new Error(`no job execution ${id}`);
    return job;
  }
}
