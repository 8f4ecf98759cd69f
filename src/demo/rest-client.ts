import { setTimeout as sleep } from 'node:timers/promises';
import { DemoProblem, reasonOf } from './demo-problem.js';

/** A task execution as the server shows it; the names are those of the wire. */
export interface Execution {
  readonly executionId: number;
  readonly taskName: string;
  readonly exitCode: number | null;
  readonly errorMessage: string | null;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly arguments: readonly string[];
  readonly jobExecutionIds: readonly number[];
  readonly externalExecutionId: string | null;
  readonly deploymentProperties: Readonly<Record<string, string>> | null;
  readonly taskExecutionStatus: 'UNKNOWN' | 'RUNNING' | 'COMPLETE' | 'ERROR';
  readonly schemaTarget: string;
  readonly platformName: string | null;
}

/** What a launch answered. */
export type LaunchedExecution = Pick<Execution, 'executionId' | 'schemaTarget'>;

interface Refusal {
  readonly status: number;
  readonly message: string;
}

type Fields = Readonly<Record<string, string>>;

/** How often an execution is looked at, ms. */
const INTERVAL = 150;

/** The few calls of the REST API that the demo makes: those of any client. */
export class RestClient {
  constructor(readonly baseUrl: string) {}

  /** @throws DemoProblem when there is no answer or a refusal */
  async get<Body>(path: string): Promise<Body> {
    return (await this.expectSuccess('GET', path)) as Body;
  }

  /** Reads a list resource, whatever its relation is called. */
  async list<Element>(path: string): Promise<{ readonly elements: readonly Element[]; readonly total: number }> {
    const page = await this.get<{ _embedded?: Record<string, Element[]>; page: { totalElements: number } }>(path);
    return { elements: Object.values(page._embedded ?? {})[0] ?? [], total: page.page.totalElements };
  }

  /**
   * Registers a task app by force, so that a second run finds its own app again. One that was registered from another
   * directory is replaced: versions of an app must not differ in more than the version.
   */
  async register(name: string, version: string, fields: Fields): Promise<void> {
    const path = `/apps/task/${name}/${version}`;
    const refusal = await this.send('POST', path, { ...fields, force: 'true' });
    if (refusal.refused === undefined) return;
    const removed = await this.send('DELETE', path);
    if (removed.refused !== undefined) throw problemOf('POST', path, refusal.refused);
    await this.expectSuccess('POST', path, { ...fields, force: 'true' });
  }

  /** @returns false when a task of that name is defined already, whatever it is */
  async define(name: string, definition: string, description: string): Promise<boolean> {
    const fields = { name, definition, description };
    const { refused } = await this.send('POST', '/tasks/definitions', fields);
    if (refused === undefined) return true;
    if (refused.status !== 409) throw problemOf('POST', '/tasks/definitions', refused);
    return false;
  }

  async launch(name: string, options: { properties?: string; arguments?: string } = {}): Promise<LaunchedExecution> {
    return (await this.expectSuccess('POST', '/tasks/executions/launch', { name, ...options })) as LaunchedExecution;
  }

  async stop({ executionId, schemaTarget }: LaunchedExecution): Promise<void> {
    await this.expectSuccess('POST', `/tasks/executions/${executionId}`, { schemaTarget });
  }

  /** Takes away what the platform has of an ended execution. */
  async cleanUp({ executionId, schemaTarget }: LaunchedExecution): Promise<void> {
    await this.expectSuccess('DELETE', `/tasks/executions/${executionId}?action=CLEANUP&schemaTarget=${schemaTarget}`);
  }

  execution({ executionId, schemaTarget }: LaunchedExecution): Promise<Execution> {
    return this.get(`/tasks/executions/${executionId}?schemaTarget=${schemaTarget}`);
  }

  /**
   * Waits until an execution is as wanted.
   * @param timeout ms
   * @throws DemoProblem when it is not in time
   */
  async follow(
    launched: LaunchedExecution,
    wanted: (execution: Execution) => boolean,
    timeout: number,
  ): Promise<Execution> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const execution = await this.execution(launched);
      if (wanted(execution)) return execution;
      if (Date.now() > deadline) {
        throw new DemoProblem(
          `Execution ${execution.executionId} of ${execution.taskName} is still ${execution.taskExecutionStatus} after ${timeout / 1000} s.`,
          `Look at ${this.baseUrl}/tasks/executions/${execution.executionId}?schemaTarget=${execution.schemaTarget} and at the log of the server.`,
        );
      }
      await sleep(INTERVAL);
    }
  }

  /** What an execution printed, as lines. */
  async log(execution: Execution): Promise<readonly string[]> {
    const text = await this.get<string>(logPath(execution));
    return text.trimEnd().split('\n');
  }

  /**
   * What an execution prints, line by line while it does so, to its end.
   * @param timeout ms for all of it
   * @throws DemoProblem when it cannot be followed, or breaks off
   */
  async *followLog(execution: Execution, timeout: number): AsyncGenerator<string, void> {
    const path = logPath(execution);
    try {
      const answer = await fetch(`${this.baseUrl}${path}`, {
        headers: { Accept: 'text/event-stream' },
        signal: AbortSignal.timeout(timeout),
      });
      if (!answer.ok || answer.body === null) {
        throw problemOf('GET', path, { status: answer.status, message: messageIn(await answer.text()) });
      }
      yield* linesOfEvents(answer.body.pipeThrough(new TextDecoderStream()));
    } catch (failure) {
      if (failure instanceof DemoProblem) throw failure;
      throw new DemoProblem(
        `The log of execution ${execution.executionId} could not be followed to its end: ${reasonOf(failure)}.`,
        `Look at ${this.baseUrl}/tasks/executions/${execution.executionId} and at the log of the server.`,
      );
    }
  }

  private async expectSuccess(method: string, path: string, fields?: Fields): Promise<unknown> {
    const { body, refused } = await this.send(method, path, fields);
    if (refused !== undefined) throw problemOf(method, path, refused);
    return body;
  }

  private async send(method: string, path: string, fields?: Fields) {
    try {
      const answer = await fetch(`${this.baseUrl}${path}`, {
        method,
        headers: { Accept: 'application/json' },
        ...(fields === undefined ? {} : { body: new URLSearchParams(fields) }),
        signal: AbortSignal.timeout(60_000),
      });
      const text = await answer.text();
      if (answer.ok) return { body: text === '' ? undefined : (JSON.parse(text) as unknown), refused: undefined };
      return { body: undefined, refused: { status: answer.status, message: messageIn(text) } };
    } catch (failure) {
      throw new DemoProblem(
        `${method} ${this.baseUrl}${path} brought no answer: ${reasonOf(failure)}.`,
        'See whether the server still runs and what its log says.',
      );
    }
  }
}

function logPath({ externalExecutionId, platformName, schemaTarget }: Execution): string {
  const name = encodeURIComponent(externalExecutionId ?? '');
  const platform = encodeURIComponent(platformName ?? 'default');
  return `/tasks/logs/${name}?platformName=${platform}&schemaTarget=${schemaTarget}`;
}

/** The lines of `message` events (server-sent events, WHATWG HTML); others tell about the stream, not of it. */
async function* linesOfEvents(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let open = '';
  for await (const text of texts) {
    const blocks = (open + text).split('\n\n');
    open = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      if (lines.some((line) => /^event: ?(?!message$)/.test(line))) continue;
      for (const line of lines) if (line.startsWith('data:')) yield line.replace(/^data: ?/, '');
    }
  }
}

function problemOf(method: string, path: string, { status, message }: Refusal): DemoProblem {
  return new DemoProblem(
    `The server refused ${method} ${path} (${status}): ${message}`,
    'If it is an older or another server, leave --server out and let the demo start one.',
  );
}

/** The sentence in an error body, in either of SCDF's two shapes. */
function messageIn(text: string): string {
  try {
    const body = JSON.parse(text) as { message?: string; _embedded?: { errors?: { message?: string }[] } };
    return body._embedded?.errors?.[0]?.message ?? body.message ?? text;
  } catch {
    return text === '' ? 'no reason given' : text.slice(0, 300);
  }
}
