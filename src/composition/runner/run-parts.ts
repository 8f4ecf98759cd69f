import type { RunContext } from './run-context.js';
import type { RunStore } from './run-store.js';
import type { RunnerLog } from './runner-log.js';
import type { RunnerOptions } from './runner-options.js';
import type { JobKey } from './runner-task.sql.js';
import type { TaskServer } from './task-server.js';

/** What a run consists of. */
export interface RunParts {
  readonly options: RunnerOptions;
  readonly context: RunContext;
  readonly job: JobKey;
  readonly taskExecutionId: number;
  readonly store: RunStore;
  readonly server: TaskServer;
  readonly log: RunnerLog;
  /** Given when the process is asked to end. */
  readonly signal: AbortSignal;
}
