import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A value that JSON has, or an object that an earlier call kept under a name. */
export type Argument = unknown;

interface Answer {
  readonly result?: unknown;
  readonly failure?: { readonly type: string; readonly message: string };
}

/** What the Java client threw. */
export class ClientFailure extends Error {
  constructor(
    /** Simple name of the exception's class. */
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** Refers to an object that a call kept. */
export function kept(name: string): Argument {
  return { kept: name };
}

/** SCDF's REST client for Java in a JVM of its own: any method of it, by name. */
export class RestClient {
  private readonly answers: AsyncIterator<string>;
  private complaints = '';

  private constructor(private readonly jvm: ChildProcessWithoutNullStreams) {
    this.answers = createInterface({ input: jvm.stdout })[Symbol.asyncIterator]();
    jvm.stderr.setEncoding('utf8').on('data', (text: string) => (this.complaints += text));
  }

  /**
   * Starts the JVM and constructs the client, which reads the root document; it is kept as `dataFlow`.
   *
   * @param jar made by {@link buildClients}
   * @throws ClientFailure when the client does not like the server
   */
  static async connect(jar: string, server: string): Promise<RestClient> {
    const client = new RestClient(spawn('java', ['-Xmx256m', '-jar', jar, server]));
    try {
      await client.answer();
    } catch (failure) {
      await client.close();
      throw failure;
    }
    return client;
  }

  /**
   * Calls a method.
   *
   * @param target name of a kept object, or of a class for its static methods
   * @param keepAs name under which the result is kept for later calls
   * @returns the result as JSON
   * @throws ClientFailure for what the method throws
   */
  async call<Result = unknown>(
    target: string,
    method: string,
    values: readonly Argument[] = [],
    keepAs?: string,
  ): Promise<Result> {
    this.jvm.stdin.write(`${JSON.stringify({ on: target, call: method, arguments: values, as: keepAs })}\n`);
    return (await this.answer()) as Result;
  }

  async close(): Promise<void> {
    if (this.jvm.exitCode === null && this.jvm.signalCode === null) {
      const closed = once(this.jvm, 'close');
      this.jvm.stdin.end();
      await closed;
    }
  }

  private async answer(): Promise<unknown> {
    const line = await this.answers.next();
    if (line.done === true) {
      throw new Error(`the JVM of the REST client ended:\n${this.complaints.slice(-4_000)}`);
    }
    const { result, failure } = JSON.parse(line.value) as Answer;
    if (failure !== undefined) {
      throw new ClientFailure(failure.type, failure.message);
    }
    return result;
  }
}
