import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type pg from 'pg';
import type { WireAnswer } from './http.js';
import { insertJob, type JobRows, readJob } from './job-rows.js';
import type { Launched, ServerClient, TaskExecution } from './server-client.js';
import { eventually, refusalOf, Workbench } from './workbench.js';

/** A process that waits to be killed. */
export interface WaitingProcess {
  readonly launched: Launched;
  /** Lets it die of SIGKILL, and waits for the end of its execution. */
  readonly kill: () => Promise<TaskExecution>;
}

/** A job as a test describes it; its id is given by the bench. */
export type JobDescription = Omit<JobRows, 'id'>;

/**
 * A workbench for what operators do with jobs, with the task `old` of Boot 2 and `new` of Boot 3. Their program says what it
 * was given and ends, or dies of SIGKILL once the file exists that `--gate` names. The rows of Spring Batch are written as an
 * application would have done it.
 */
export class JobBench {
  private lastId = 100;

  private constructor(
    readonly workbench: Workbench,
    /** A client to the server's database. */
    readonly sql: pg.Client,
  ) {}

  static async open(properties: Readonly<Record<string, string>> = {}): Promise<JobBench> {
    const workbench = await Workbench.open(properties);
    try {
      const program = await workbench.script('killed.sh', ...KILLED_PROGRAM);
      for (const [name, bootVersion] of Object.entries({ old: '2', new: '3' })) {
        await workbench.client.register(name, '1.0.0', program, bootVersion);
        await workbench.client.define(name, name);
      }
      return new JobBench(workbench, await workbench.server.database.client());
    } catch (error) {
      await workbench.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.workbench.close();
  }

  get client(): ServerClient {
    return this.workbench.client;
  }

  /** @param more further parameters of the request: `&schemaTarget=boot3` */
  restart(id: number, more = ''): Promise<WireAnswer> {
    return this.workbench.put(`/jobs/executions/${id}?restart=true${more}`);
  }

  stop(id: number, more = ''): Promise<WireAnswer> {
    return this.workbench.put(`/jobs/executions/${id}?stop=true${more}`);
  }

  recover(id: number, more = '', target: 'boot2' | 'boot3' = 'boot2'): Promise<WireAnswer> {
    return this.workbench.post(`/jobs/executions/${id}/recover?schemaTarget=${target}${more}`);
  }

  /** An id that no other job execution has. */
  freshId(): number {
    return ++this.lastId;
  }

  /** Inserts a job execution. @returns its id */
  async insert(job: JobDescription): Promise<number> {
    const id = this.freshId();
    await insertJob(this.sql, { id, ...job });
    return id;
  }

  /** Inserts a job into an execution that has ended. @returns the id of the job execution */
  async insertEnded(task: string, given: string, job: JobDescription, properties = ''): Promise<number> {
    const { executionId } = await this.workbench.run(task, { arguments: given, properties });
    return this.insert({ taskExecutionId: executionId, ...job });
  }

  /** The rows of a job execution and of its steps. */
  read(id: number, target: 'boot2' | 'boot3' = 'boot2'): ReturnType<typeof readJob> {
    return readJob(this.sql, target, id);
  }

  /** The execution that was launched last. */
  async newest(): Promise<TaskExecution> {
    const { elements } = await this.workbench.list<TaskExecution>('/tasks/executions?size=1&sort=START_TIME,DESC');
    const [newest] = elements;
    if (newest === undefined) throw new Error('there is no execution');
    return newest;
  }

  /** The execution that was launched last, once it has ended. */
  async newestEnded(): Promise<TaskExecution> {
    return this.client.ended(await this.newest());
  }

  /** Starts a process that waits to be killed. */
  async waiting(task: string): Promise<WaitingProcess> {
    const gate = join(this.workbench.directory, `gate-${this.freshId()}`);
    const launched = await this.client.launch(task, { arguments: `run.id(long)=1 --gate=${gate}` });
    await eventually(
      () => this.client.execution(launched),
      ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
    );
    const kill = async () => {
      await writeFile(gate, '');
      return this.client.ended(launched);
    };
    return { launched, kill };
  }

  /** Checks that a request is refused with a sentence, and that nothing was launched, audited or written about any job. */
  async expectNothingDone(ask: () => Promise<WireAnswer>, status: number, sentence: RegExp): Promise<void> {
    const before = await this.everything();
    expect(refusalOf(await ask())).toEqual({ status, message: expect.stringMatching(sentence) });
    expect(await this.everything()).toEqual(before);
  }

  /** Numbers of rows that a launch adds, and all of job executions and steps. */
  private async everything(): Promise<unknown> {
    const number = (table: string) => `(select count(*) from ${table}) as n_${table}`;
    const contents = (table: string) => `(select json_agg(t order by 1) from ${table} t) as ${table}`;
    const launched = ['task_execution', 'boot3_task_execution', 'millrace_launch', 'audit_records'];
    const written = ['', 'boot3_'].flatMap((of) => [`${of}batch_job_execution`, `${of}batch_step_execution`]);
    const { rows } = await this.sql.query(`select ${[...launched.map(number), ...written.map(contents)].join(', ')}`);
    return rows[0];
  }
}

/** Says what it was given, and dies of SIGKILL when its gate file says so. */
const KILLED_PROGRAM: readonly string[] = [
  'for argument in "$@"; do echo "argument: $argument"; case "$argument" in --gate=*) gate="${argument#--gate=}";; esac; done',
  '[ -z "$gate" ] && exit 0',
  'until [ ! -d "${gate%/*}" ] || [ -e "$gate" ]; do sleep 0.05; done',
  'kill -9 $$',
];
