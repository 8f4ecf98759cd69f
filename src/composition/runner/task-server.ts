import { z } from 'zod';
import type { ExecutionKey } from '../../launching/launch-record.js';
import type { ChildLaunch } from '../engine/child-launch.js';
import { Authorization, NoTokenError, TokenRefusedError } from './authorization.js';
import { type Answer, exchange, NoAnswerError, NotTrustedError } from './http-exchange.js';
import type { ServerAccess } from './server-access.js';

/** What the runner reads of an execution. SCDF's server leaves out nothing of it. */
const ExecutionSchema = z.object({
  executionId: z.number().int(),
  exitCode: z.number().int().nullish(),
  startTime: z.string().nullish(),
  endTime: z.string().nullish(),
  exitMessage: z.string().nullish(),
  errorMessage: z.string().nullish(),
  parentExecutionId: z.number().int().nullish(),
  arguments: z.array(z.string()).nullish(),
  schemaTarget: z.enum(['boot2', 'boot3']).nullish(),
});

/** An execution as a server shows it. */
export type ShownExecution = z.infer<typeof ExecutionSchema>;

const LaunchedSchema = z.union([
  z.object({ executionId: z.number().int(), schemaTarget: z.enum(['boot2', 'boot3']).nullish() }),
  z.number().int(),
]);
const ListSchema = z.object({ _embedded: z.record(z.string(), z.array(ExecutionSchema)).optional() });
const ErrorsSchema = z.object({
  _embedded: z.object({ errors: z.array(z.object({ message: z.string() })).min(1) }),
});

/** How a launch came out. */
export type LaunchAnswer =
  | { readonly kind: 'launched'; readonly key: ExecutionKey }
  /** The server will not. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The server has not got the request, or put it off: it can be sent again. */
  | { readonly kind: 'not-now'; readonly reason: string }
  /** The server may have launched it. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** The server did not say what was asked, but may say it later. */
export class ServerAwayError extends Error {
  override readonly name: string = 'ServerAwayError';
}

/** A certificate that is not trusted, or a token that is refused: time alone does not mend it, somebody has to. */
export class ServerBarredError extends ServerAwayError {
  override readonly name = 'ServerBarredError';
}

/** The server says that it will not tell. */
export class ServerRefusalError extends Error {
  override readonly name = 'ServerRefusalError';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** How far back an execution is looked for. */
const NEWEST = 50;

/** SCDF's REST API as far as its composed task runner uses it; Millrace's is the same. */
export class TaskServer {
  private readonly authorization: Authorization;

  constructor(private readonly access: ServerAccess) {
    this.authorization = new Authorization(access);
  }

  get url(): string {
    return this.access.url;
  }

  /** Asks for a launch, once. Never throws for what a network or a server does. */
  async launch({ taskName, properties, arguments: given }: ChildLaunch): Promise<LaunchAnswer> {
    let answer: Answer;
    try {
      answer = await this.send('POST', '/tasks/executions/launch', {
        name: taskName,
        properties: [...properties].map(([key, value]) => `${key}=${value}`).join(','),
        arguments: given.join(' '),
      });
    } catch (error) {
      if (isBarred(error)) return { kind: 'refused', reason: error.message };
      if (error instanceof NoTokenError) return { kind: 'not-now', reason: error.message };
      if (!(error instanceof NoAnswerError)) throw error;
      return { kind: error.mayHaveArrived ? 'unknown' : 'not-now', reason: error.message };
    }
    const { status } = answer;
    if (status >= 200 && status < 300) {
      const parsed = LaunchedSchema.safeParse(jsonOf(answer.body));
      if (!parsed.success) return { kind: 'unknown', reason: `the answer ${status} names no execution` };
      const launched = typeof parsed.data === 'number' ? { executionId: parsed.data } : parsed.data;
      const schemaTarget = ('schemaTarget' in launched ? launched.schemaTarget : null) ?? 'boot2';
      return { kind: 'launched', key: { schemaTarget, id: launched.executionId } };
    }
    const reason = `the server answered ${describe(answer)}`;
    // A gateway answers so for a server that does not, or not in time.
    if (status === 408 || (status >= 502 && status <= 504)) return { kind: 'unknown', reason };
    return { kind: 'refused', reason };
  }

  /**
   * How an execution stands.
   * @throws ServerAwayError, ServerRefusalError
   */
  async look({ schemaTarget, id }: ExecutionKey): Promise<ShownExecution> {
    return this.read(`/tasks/executions/${id}?schemaTarget=${schemaTarget}`, ExecutionSchema);
  }

  /**
   * The newest executions of a task, the newest first; none for a task that is not defined.
   * @throws ServerAwayError, ServerRefusalError
   */
  async newest(taskName: string, size = NEWEST): Promise<readonly ShownExecution[]> {
    const query = new URLSearchParams({
      name: taskName,
      page: '0',
      size: String(size),
      sort: 'TASK_EXECUTION_ID,DESC',
    });
    try {
      const { _embedded: embedded } = await this.read(`/tasks/executions?${query.toString()}`, ListSchema);
      return Object.values(embedded ?? {}).flat();
    } catch (error) {
      if (error instanceof ServerRefusalError && error.status === 404) return [];
      throw error;
    }
  }

  /** Asks for an execution to be stopped; whether it was is seen by looking at it. */
  async stop({ schemaTarget, id }: ExecutionKey): Promise<void> {
    try {
      await this.send('POST', `/tasks/executions/${id}?schemaTarget=${schemaTarget}`, {});
    } catch (error) {
      if (!(error instanceof NoAnswerError || error instanceof NoTokenError)) throw error;
    }
  }

  private async read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    let answer: Answer;
    try {
      answer = await this.send('GET', path);
    } catch (error) {
      if (isBarred(error)) throw new ServerBarredError(error.message);
      if (error instanceof NoAnswerError || error instanceof NoTokenError) throw new ServerAwayError(error.message);
      throw error;
    }
    const where = path.replace(/\?.*$/s, '');
    if (answer.status === 200) {
      const parsed = schema.safeParse(jsonOf(answer.body));
      if (parsed.success) return parsed.data;
      throw new ServerAwayError(`GET ${where} brought something that is no answer of a task server`);
    }
    const message = `GET ${where}: the server answered ${describe(answer)}`;
    if (answer.status >= 500 || answer.status === 408 || answer.status === 429) throw new ServerAwayError(message);
    throw new ServerRefusalError(message, answer.status);
  }

  /** Sends a request, and once more if the token has ended before its time. */
  private async send(method: 'GET' | 'POST', path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const { url, verifiesTls } = this.access;
    const attempt = async () =>
      exchange({ method, url: url + path, headers: await this.authorization.headers(), form, verifiesTls });
    const answer = await attempt();
    return answer.status === 401 && this.authorization.renew() ? attempt() : answer;
  }
}

/** Whether nothing is to be hoped of another attempt. */
function isBarred(error: unknown): error is NotTrustedError | TokenRefusedError {
  return error instanceof NotTrustedError || error instanceof TokenRefusedError;
}

/** The generation of an execution's tables. */
export function keyOf({ executionId, schemaTarget }: ShownExecution): ExecutionKey {
  return { schemaTarget: schemaTarget ?? 'boot2', id: executionId };
}

function describe({ status, body }: Answer): string {
  const parsed = ErrorsSchema.safeParse(jsonOf(body));
  const said = parsed.success ? parsed.data._embedded.errors.map(({ message }) => message).join(' ') : '';
  if (status === 401 || status === 403)
    return `${status}: who the runner says it is may not do that${said && ` (${said})`}`;
  if (status >= 300 && status < 400) return `${status}, a redirect, perhaps to a page for signing in`;
  return said === '' ? String(status) : `${status}: ${said.slice(0, 1000)}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
