import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../database/database.js';
import { LaunchIntake } from '../launching/launch-intake.service.js';
import type { LaunchRecord } from '../launching/launch-record.js';
import type { PreparedLaunch } from '../launching/launching.service.js';
import * as progress from './composed-progress.sql.js';
import type { RoundDecision, StepEnd, StepNotes, StepView } from './composed-round.js';
import { abandonSteps, endSteps, insertSteps, type StepToEnd, updateContexts } from './composed-step.sql.js';
import type { Advance, RunEnd } from './engine/advance.js';
import { runnerExitCode, type StepOutcome } from './engine/exit-status.js';
import type { StepContext } from './step-context.js';

/** A child that is to be launched, or why it cannot be. */
export type PreparedChild =
  | { readonly context: StepContext; readonly launch: PreparedLaunch; readonly outcome: null }
  | { readonly context: StepContext; readonly launch: null; readonly outcome: StepOutcome };

/** A step that begins in a round. */
export interface Beginning {
  readonly id: number;
  readonly name: string;
  readonly prepared: PreparedChild;
}

/** Everything that one round writes. */
export interface RoundOutcome {
  readonly decision: RoundDecision;
  readonly advance: Advance;
  /** Steps whose children are tried once more. */
  readonly again: readonly { readonly step: StepView; readonly prepared: PreparedChild }[];
  readonly beginnings: readonly Beginning[];
  /** Null while the run goes on. */
  readonly end: RunEnd | null;
}

/** Writes down what rounds decide: each in one transaction, and of two that decide about the same state only one. */
@Injectable()
export class ComposedRoundWriter {
  constructor(
    private readonly database: Database,
    private readonly intake: LaunchIntake,
  ) {}

  /**
   * @param failOnJobFailure whether a failed job makes the run's exit code 1
   * @returns the launches that were accepted; undefined when another server was quicker, and nothing was written
   */
  async write(
    run: progress.RunProgress,
    outcome: RoundOutcome,
    failOnJobFailure: boolean,
  ): Promise<readonly LaunchRecord[] | undefined> {
    const { decision, advance, again, beginnings, end } = outcome;
    return this.database.transaction(async (transaction) => {
      if (!(await progress.claimRun(transaction, run, notesOf(outcome), decision.wakeAt))) return undefined;
      await endSteps(transaction, stepsToEnd(outcome));
      const begun = new Set(beginnings.map(({ id }) => id));
      const handled = new Set(advance.handled.map(({ id }) => id));
      await abandonSteps(
        transaction,
        [...handled].filter((id) => !begun.has(id)),
      );
      const { records, contextOf } = await this.accept(transaction, [...again, ...beginnings]);
      await updateContexts(
        transaction,
        again.flatMap(({ step, prepared }) =>
          prepared.launch === null ? [] : [{ id: step.id, context: contextOf(prepared) }],
        ),
      );
      const steps = beginnings.map(({ id, name, prepared }) => ({
        name,
        context: contextOf(prepared),
        outcome: prepared.outcome,
        handled: handled.has(id),
      }));
      await insertSteps(transaction, run.jobExecutionId, steps);
      if (end !== null) {
        await progress.endRun(transaction, run, end, runnerExitCode(end.batchStatus, failOnJobFailure));
      }
      return records;
    });
  }

  /**
   * Ends a run that cannot go on, whatever its steps do.
   * @returns false when another server was quicker, and nothing was written
   */
  async giveUp(run: progress.RunProgress, end: RunEnd): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      if (!(await progress.claimRun(transaction, run, {}, null))) return false;
      await progress.endRun(transaction, run, end, runnerExitCode(end.batchStatus, false));
      return true;
    });
  }

  /** Accepts the launches of children. @returns them, and how each child's context names its execution */
  private async accept(
    transaction: Transaction,
    children: readonly { readonly prepared: PreparedChild }[],
  ): Promise<{
    readonly records: readonly LaunchRecord[];
    readonly contextOf: (prepared: PreparedChild) => StepContext;
  }> {
    const wanted = children.flatMap(({ prepared }) => prepared.launch ?? []);
    const records = await this.intake.acceptWithin(transaction, wanted);
    const recordOf = new Map(wanted.map((launch, index) => [launch, records[index]]));
    const contextOf = ({ context, launch }: PreparedChild): StepContext => {
      const record = launch === null ? undefined : recordOf.get(launch);
      return record === undefined
        ? context
        : { ...context, child: { schemaTarget: record.schemaTarget, id: record.executionId } };
    };
    return { records, contextOf };
  }
}

/** A step whose child could not be launched again has ended: nothing more is to be remembered of it. */
function notesOf({ decision, again }: RoundOutcome): StepNotes {
  return Object.fromEntries(
    Object.entries(decision.notes).filter(
      ([name]) => !again.some(({ step, prepared }) => step.name === name && prepared.outcome !== null),
    ),
  );
}

function stepsToEnd({ decision, again }: RoundOutcome): readonly StepToEnd[] {
  return [
    ...decision.ends.map((end) => ({ id: end.step.id, outcome: end.outcome, context: withExitCode(end) })),
    ...again.flatMap(({ step, prepared }) =>
      prepared.outcome === null ? [] : [{ id: step.id, outcome: prepared.outcome, context: null }],
    ),
  ];
}

/** The context that keeps a failed child's exit code, which transitions may ask for when its rows are gone. */
function withExitCode({ step, outcome: { status }, exitCode }: StepEnd): StepContext | null {
  if (status !== 'FAILED' || exitCode === null || exitCode === 0 || step.context === null) return null;
  return { ...step.context, exitCode };
}
