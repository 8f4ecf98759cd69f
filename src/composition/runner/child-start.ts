import type { ExecutionKey } from '../../launching/launch-record.js';
import type { ChildLaunch } from '../engine/child-launch.js';
import { type Patience, Retry, WHILE_AWAY } from './patience.js';
import type { RunnerLog } from './runner-log.js';
import {
  keyOf,
  ServerAwayError,
  ServerRefusalError,
  type ShownExecution,
  type TaskServer,
  ServerBarredError,
} from './task-server.js';

/** A child to launch exactly once, as far as a server lets one know. */
export interface ChildToStart {
  readonly launch: ChildLaunch;
  readonly parentExecutionId: number;
  /** Whether an earlier process may have launched it. */
  readonly doubtful: boolean;
  /** The last one that is known: that of the attempt before. Null for the first attempt. */
  readonly after: ExecutionKey | null;
}

export type ChildStart =
  | { readonly kind: 'launched'; readonly key: ExecutionKey }
  | { readonly kind: 'not-launched'; readonly reason: string }
  /** The run stops, and nothing was launched. */
  | { readonly kind: 'given-up' };

/**
 * How long an execution that does not yet say who launched it is waited for: SCDF's server leaves that to the application,
 * which writes it once it runs.
 */
const UNTIL_IT_SAYS: Patience = { first: 1_000, longest: 5_000, altogether: 180_000 };

/**
 * Launches a child. A server that is away is waited for. When it is not known whether a launch has arrived, the execution is
 * looked for before anything is launched again: by its name and by the run that it belongs to.
 */
export class ChildStarter {
  constructor(
    private readonly server: TaskServer,
    private readonly log: RunnerLog,
    private readonly signal: AbortSignal,
    private readonly patience = WHILE_AWAY,
  ) {}

  async start(child: ChildToStart): Promise<ChildStart> {
    const { taskName } = child.launch;
    const retry = new Retry(this.patience, this.signal);
    let doubtful = child.doubtful;
    // The newest execution before the launch: what is newer may be the one that was launched.
    let before: number | undefined;
    for (;;) {
      let reason: string;
      try {
        if (doubtful) {
          const found = await this.find(child, before ?? 0);
          if (found !== null) return found;
          doubtful = false;
        }
        before ??= (await this.server.newest(taskName, 1))[0]?.executionId ?? 0;
        if (this.signal.aborted) return { kind: 'given-up' };
        const answer = await this.server.launch(child.launch);
        if (answer.kind === 'launched') return answer;
        if (answer.kind === 'refused')
          return { kind: 'not-launched', reason: `${taskName} was not launched: ${answer.reason}` };
        doubtful = answer.kind === 'unknown';
        reason = answer.reason;
      } catch (error) {
        if (error instanceof ServerRefusalError || error instanceof ServerBarredError) {
          return { kind: 'not-launched', reason: `${taskName} was not launched: ${error.message}` };
        }
        if (!(error instanceof ServerAwayError)) throw error;
        reason = error.message;
      }
      this.log.warn(
        `${taskName}: ${reason}; trying again${doubtful ? ', once it is known whether it was launched' : ''}`,
      );
      if (await retry.wait()) continue;
      if (this.signal.aborted && !doubtful) return { kind: 'given-up' };
      return { kind: 'not-launched', reason: `${taskName} was not launched: ${reason}` };
    }
  }

  /** @returns null when nothing was launched */
  private async find({ launch, parentExecutionId, after }: ChildToStart, before: number): Promise<ChildStart | null> {
    const retry = new Retry(UNTIL_IT_SAYS, this.signal);
    for (;;) {
      const newest = await this.server.newest(launch.taskName);
      const executions = newest.filter((one) => isAfter(keyOf(one), after));
      const own = executions.find((one) => isChildOf(one, parentExecutionId));
      if (own !== undefined) {
        this.log.info(`${launch.taskName} was launched as execution ${own.executionId}: its answer had been lost`);
        return { kind: 'launched', key: keyOf(own) };
      }
      const silent = executions.filter((one) => one.executionId > before && saysNothing(one));
      if (silent.length === 0) return null;
      if (!(await retry.wait())) {
        const ids = silent.map(({ executionId }) => executionId).join(', ');
        const reason = `It is not known whether ${launch.taskName} was launched: the answer was lost, and execution ${ids}, which may be it, has not started. It is not launched a second time.`;
        return { kind: 'not-launched', reason };
      }
    }
  }
}

/** Each generation counts its executions on its own. */
function isAfter({ schemaTarget, id }: ExecutionKey, last: ExecutionKey | null): boolean {
  return last === null || schemaTarget !== last.schemaTarget || id > last.id;
}

function isChildOf({ parentExecutionId, arguments: given }: ShownExecution, parent: number): boolean {
  if (parentExecutionId !== null && parentExecutionId !== undefined) return parentExecutionId === parent;
  return given?.includes(`--spring.cloud.task.parent-execution-id=${parent}`) ?? false;
}

/** It has been written down by a server, and its application has not said anything yet. */
function saysNothing({ parentExecutionId, startTime, endTime, arguments: given }: ShownExecution): boolean {
  const nothing = (value: unknown) => value === null || value === undefined;
  return nothing(parentExecutionId) && nothing(startTime) && nothing(endTime) && (given ?? []).length === 0;
}
