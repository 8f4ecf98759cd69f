/** The docker or podman command of this machine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PlatformLaunchError } from '../platform.js';
import { engineEnvironment, EXECUTION_LABEL, INSTANCE_LABEL } from './container-command.js';
import type { ExecutionRecord } from './execution-directory.js';
import type { ContainerState } from './execution-state.js';
import { findCommand } from './program-file.js';

const run = promisify(execFile);

/** ms; questions to the engine answer at once unless it hangs. */
const QUESTION_LIMIT = 15_000;

/** Finds, asks and stops through the engine's command line, which is the same for docker and podman. */
export class ContainerEngine {
  readonly #parent: Readonly<Record<string, string | undefined>>;
  /** The command that has answered; a machine does not change its engine while a server runs. */
  #working: string | undefined;

  constructor(parentEnvironment: Readonly<Record<string, string | undefined>>) {
    this.#parent = parentEnvironment;
  }

  /**
   * Docker's command, or podman's where there is no docker, or one whose daemon does not run.
   * @throws PlatformLaunchError when the machine has neither command
   */
  async find(): Promise<string> {
    if (this.#working !== undefined) return this.#working;
    const commands = ['docker', 'podman'].map((command) => findCommand(command, this.#parent['PATH']));
    const [first, other] = (await Promise.all(commands)).filter((command) => command !== undefined);
    if (first === undefined) {
      throw new PlatformLaunchError(
        "This machine cannot run container images: neither 'docker' nor 'podman' is in the server's PATH.",
      );
    }
    if (other === undefined) return first;
    for (const engine of [first, other]) {
      if ((await this.#ask(engine, ['info'])) !== undefined) return (this.#working = engine);
    }
    return first;
  }

  /** @returns undefined when the engine has no container of this execution, or does not answer */
  async inspect(record: ExecutionRecord): Promise<ContainerState | undefined> {
    const answer = await this.#call(record, ['container', 'inspect', record.externalExecutionId]);
    return answer === undefined ? undefined : containerState(answer, record);
  }

  /**
   * SIGTERM to the container, SIGKILL after the grace period.
   * @param signal gives up waiting; the engine goes on
   * @returns false when there is no container to stop (its image is still being pulled, or it has ended)
   */
  async stop(record: ExecutionRecord, signal: AbortSignal): Promise<boolean> {
    // The engines know no «wait for ever»; a day comes near to it.
    const seconds = record.shutdownTimeout === 0 ? 86_400 : Math.ceil(record.shutdownTimeout / 1000);
    const timeout = seconds * 1000 + QUESTION_LIMIT;
    const answer = await this.#call(record, ['stop', '-t', String(seconds), record.externalExecutionId], {
      timeout,
      signal,
    });
    return answer !== undefined;
  }

  /** Removes a container that was kept after its end. */
  async remove(record: ExecutionRecord): Promise<void> {
    if ((await this.inspect(record)) !== undefined)
      await this.#call(record, ['rm', '--force', record.externalExecutionId]);
  }

  async #call(
    record: ExecutionRecord,
    args: readonly string[],
    limits?: { readonly timeout?: number; readonly signal?: AbortSignal },
  ): Promise<string | undefined> {
    return record.container === undefined ? undefined : this.#ask(record.container.engine, args, limits);
  }

  /** @returns what the engine printed; undefined when it failed */
  async #ask(
    engine: string,
    args: readonly string[],
    limits: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<string | undefined> {
    try {
      const { stdout } = await run(engine, args, {
        env: engineEnvironment(this.#parent),
        timeout: QUESTION_LIMIT,
        ...limits,
        maxBuffer: 16 * 1024 * 1024,
      });
      return stdout;
    } catch {
      return undefined;
    }
  }
}

/**
 * Reads the JSON of `docker container inspect`; a container of the same name that is not this execution's does not count.
 * @param inspected the engine's answer: a list of one container
 */
export function containerState(inspected: string, record: ExecutionRecord): ContainerState | undefined {
  const [container] = JSON.parse(inspected) as readonly InspectedContainer[];
  const labels = container?.Config?.Labels ?? {};
  if (labels[EXECUTION_LABEL] !== String(record.executionId) || labels[INSTANCE_LABEL] !== record.instanceId) {
    return undefined;
  }
  const state = container?.State;
  const endedAt = new Date(state?.FinishedAt ?? '');
  return {
    running: state?.Running === true || state?.Status === 'created',
    exitCode: state?.ExitCode,
    endedAt: Number.isNaN(endedAt.getTime()) ? undefined : endedAt,
  };
}

interface InspectedContainer {
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null };
  readonly State?: {
    readonly Running?: boolean;
    readonly Status?: string;
    readonly ExitCode?: number;
    readonly FinishedAt?: string;
  };
}
