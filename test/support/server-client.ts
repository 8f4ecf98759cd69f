import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, getJson, postForm } from './http.js';
import type { WireAnswer } from './http.js';

/** What the tests read of a task execution; the names are those of the wire. */
export interface TaskExecution {
  readonly executionId: number;
  readonly taskName: string;
  readonly exitCode: number | null;
  readonly exitMessage: string | null;
  readonly errorMessage: string | null;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly arguments: readonly string[];
  readonly deploymentProperties: Readonly<Record<string, string>>;
  readonly jobExecutionIds: readonly number[];
  readonly externalExecutionId: string;
  readonly taskExecutionStatus: 'UNKNOWN' | 'RUNNING' | 'COMPLETE' | 'ERROR';
  readonly schemaTarget: string;
  readonly platformName: string;
}

/** What a launch answers: the id of the execution, and whose it is. */
export interface Launched {
  readonly executionId: number;
  readonly schemaTarget: string;
}

/** The few steps that most tests of a server take, each with a message that says what the server answered instead. */
export class ServerClient {
  constructor(readonly baseUrl: string) {}

  async register(name: string, version: string, uri: string, bootVersion?: string): Promise<void> {
    const answer = await postForm(this.baseUrl, `/apps/task/${name}/${version}`, { uri, bootVersion });
    expectStatus(answer, 201, `register ${name}`);
  }

  async define(name: string, definition: string): Promise<void> {
    const answer = await postForm(this.baseUrl, '/tasks/definitions', { name, definition });
    expectStatus(answer, 200, `define ${name} as ${definition}`);
  }

  /** @param options `arguments` separated by blanks, `properties` by commas, as SCDF's clients send them */
  async launch(name: string, options: { arguments?: string; properties?: string } = {}): Promise<Launched> {
    const answer = await postForm(this.baseUrl, '/tasks/executions/launch', { name, ...options });
    expectStatus(answer, 201, `launch ${name}`);
    return answer.body as Launched;
  }

  async execution(launched: Launched): Promise<TaskExecution> {
    const { executionId, schemaTarget } = launched;
    return (await this.get(`/tasks/executions/${executionId}?schemaTarget=${schemaTarget}`)) as TaskExecution;
  }

  /**
   * Waits until an execution has ended.
   *
   * @throws Error that shows the execution as it was last, if it has not ended after `timeout` ms
   */
  async ended(launched: Launched, timeout = 120_000): Promise<TaskExecution> {
    const deadline = Date.now() + timeout;
    let execution = await this.execution(launched);
    while (execution.endTime === null) {
      if (Date.now() > deadline) {
        throw new Error(`not ended after ${timeout} ms: ${JSON.stringify(execution)}`);
      }
      await sleep(100);
      execution = await this.execution(launched);
    }
    return execution;
  }

  /**
   * Waits until a Spring Cloud Task application has written its start into the database: from then on it ends in its own
   * words when it is stopped. The server knows sooner that the process runs.
   *
   * @throws Error that shows the execution as it was last, if that has not happened after `timeout` ms
   */
  async reported(launched: Launched, timeout = 120_000): Promise<TaskExecution> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const execution = await this.execution(launched);
      if (execution.arguments.some((argument) => argument.startsWith('--spring.cloud.task.executionid='))) {
        return execution;
      }
      if (Date.now() > deadline || execution.endTime !== null) {
        throw new Error(`the application has not reported its start: ${JSON.stringify(execution)}`);
      }
      await sleep(100);
    }
  }

  /** What the execution has written so far, as text. */
  /** @param container one beside the application's own; all of them if not given */
  async log(execution: TaskExecution, container?: string): Promise<string> {
    const named = container === undefined ? '' : `&container=${container}`;
    const answer = await exchange(this.baseUrl, {
      method: 'GET',
      target: `/tasks/logs/${execution.externalExecutionId}?platformName=${execution.platformName}&schemaTarget=${execution.schemaTarget}${named}`,
      headers: { Accept: 'text/plain' },
    });
    expectStatus(answer, 200, `log of ${execution.externalExecutionId}`);
    return answer.text;
  }

  /**
   * The log of an execution, once it holds what is expected: an application reports its end before its last lines.
   *
   * @throws Error that shows the log as it was last, if it does not hold all of it after 30 s
   */
  async logWith(execution: TaskExecution, ...expected: readonly RegExp[]): Promise<string> {
    const deadline = Date.now() + 30_000;
    let log = await this.log(execution);
    while (expected.some((pattern) => !pattern.test(log))) {
      if (Date.now() > deadline) {
        throw new Error(`the log does not hold all of ${expected.join(', ')}:\n${log}`);
      }
      await sleep(100);
      log = await this.log(execution);
    }
    return log;
  }

  /** The body of a resource that is there. */
  async get(target: string): Promise<unknown> {
    const answer = await getJson(this.baseUrl, target);
    expectStatus(answer, 200, target);
    return answer.body;
  }

  /** The elements of a list resource, whatever its relation is called. */
  async list<Element>(target: string): Promise<Element[]> {
    const page = (await this.get(target)) as { _embedded?: Record<string, Element[]> };
    return Object.values(page._embedded ?? {})[0] ?? [];
  }
}

function expectStatus(answer: WireAnswer, status: number, what: string): void {
  if (answer.status !== status) {
    throw new Error(`${what}: expected ${status}, got ${answer.status} ${answer.text.slice(0, 1_000)}`);
  }
}
