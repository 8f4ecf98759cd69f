import { BatchStatus } from './batch-status.js';

/** How a step's child came to its end. */
export type ChildEnd =
  /** Its execution has an end time. */
  | {
      readonly kind: 'ended';
      readonly exitCode: number | null;
      readonly exitMessage: string | null;
      readonly errorMessage: string | null;
      /** Whether the option `ignore-exit-message` was given, see `childLaunch`. */
      readonly ignoreExitMessage: boolean;
    }
  /** It took longer than `max-start-wait-time` (phase start), `max-wait-time` or its own limit (phase run). */
  | { readonly kind: 'timeout'; readonly phase: 'start' | 'run'; readonly taskExecutionId: number }
  /** It could not be launched. */
  | { readonly kind: 'not-launched'; readonly reason: string }
  /** It was ended, or never begun, because the run was asked to stop. */
  | { readonly kind: 'stopped' };

/** What a step execution says of its end. */
export interface StepOutcome {
  readonly status: Extract<BatchStatus, 'COMPLETED' | 'FAILED' | 'STOPPED'>;
  /** EXIT_CODE, which transitions look at. */
  readonly exitStatus: string;
  /** EXIT_MESSAGE; empty if there is nothing to say. */
  readonly exitDescription: string;
}

/** The width of EXIT_CODE and EXIT_MESSAGE of step and job executions. */
const COLUMN_WIDTH = 2500;

/**
 * The outcome of a step. The status is that of the exit code alone; the exit status is, as in SCDF's runner, the worse of
 * the status and the exit message (unless that is ignored), so that a message of its own wins over FAILED, and one that
 * says less than the code says does not count.
 */
export function stepOutcome(end: ChildEnd): StepOutcome {
  switch (end.kind) {
    case 'ended':
      return ended(end);
    case 'timeout':
      return failed(
        `Timeout occurred ${end.phase === 'start' ? 'during startup of' : 'while processing'} task with Execution Id ${end.taskExecutionId}`,
      );
    case 'not-launched':
      return failed(end.reason);
    case 'stopped':
      return { status: 'STOPPED', exitStatus: 'STOPPED', exitDescription: '' };
  }
}

function ended({ exitCode, exitMessage, errorMessage, ignoreExitMessage }: ChildEnd & { kind: 'ended' }): StepOutcome {
  const message = ignoreExitMessage || exitMessage === null || exitMessage.trim() === '' ? null : exitMessage;
  if (exitCode === 0) {
    return { status: 'COMPLETED', exitStatus: clip(mergeExitStatus('COMPLETED', message)), exitDescription: '' };
  }
  const what = `Task returned a ${exitCode === null ? 'null' : 'non zero'} exit code.`;
  const outcome = failed(errorMessage === null || errorMessage.trim() === '' ? what : `${what} ${errorMessage}`);
  return { ...outcome, exitStatus: clip(mergeExitStatus('FAILED', message)) };
}

function failed(description: string): StepOutcome {
  return { status: 'FAILED', exitStatus: 'FAILED', exitDescription: clip(description) };
}

const BY_SEVERITY = ['EXECUTING', 'COMPLETED', 'NOOP', 'STOPPED', 'FAILED', 'UNKNOWN'];

/**
 * Puts two exit statuses together as Spring Batch does: the graver one stays, of equally grave ones the later in the order
 * of their texts. A text is as grave as the known status that it begins with; others are the gravest of all.
 *
 * @param added null changes nothing
 */
export function mergeExitStatus(status: string, added: string | null): string {
  if (added === null) return status;
  const difference = severity(added) - severity(status);
  return difference > 0 || (difference === 0 && added > status) ? added : status;
}

function severity(status: string): number {
  const known = BY_SEVERITY.findIndex((text) => status.startsWith(text));
  return known < 0 ? BY_SEVERITY.length : known;
}

/**
 * The exit code of the runner's own task execution: 0 for a failed job too, unless
 * `spring.cloud.task.batch.fail-on-job-failure` is set (Spring Cloud Task).
 */
export function runnerExitCode(batchStatus: BatchStatus, failOnJobFailure: boolean): number {
  return failOnJobFailure && batchStatus === 'FAILED' ? 1 : 0;
}

/** Cuts a text to its column. The database counts characters, not UTF-16 units, so that this is never too long. */
function clip(text: string): string {
  const cut = text.slice(0, COLUMN_WIDTH);
  return text.length > COLUMN_WIDTH ? cut.replace(/[\uD800-\uDBFF]$/, '') : cut;
}
