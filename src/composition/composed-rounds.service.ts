import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { DatabaseUnavailableError } from '../database/database-unavailable.js';
import { LaunchCancellation } from '../launching/launch-cancellation.service.js';
import type { ExecutionKey, LaunchRecord } from '../launching/launch-record.js';
import { LaunchingService } from '../launching/launching.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { messageOf } from '../resources/system-error.js';
import * as progress from './composed-progress.sql.js';
import { decide, endOf, firstLook, next, type RoundDecision, type RoundView, type StepView } from './composed-round.js';
import { launchOfChild, limitsOfChild, type DriveSettings, driveSettings } from './drive-settings.js';
import {
  type Beginning,
  ComposedRoundWriter,
  type PreparedChild,
  type RoundOutcome,
} from './composed-round-writer.service.js';
import { findSteps } from './composed-step.sql.js';
import type { RunEnd, StepToLaunch } from './engine/advance.js';
import { stepOutcome } from './engine/exit-status.js';
import { Plans } from './plans.service.js';
import type { StepContext } from './step-context.js';

/** How a round ended. */
export interface RoundResult {
  /** Whether to come again at once. */
  readonly conflict: boolean;
  /** How the run ended, if it did. */
  readonly ended: RunEnd | null;
  /** When something is due in the run, from now on, ms; null if nothing is. */
  readonly dueIn: number | null;
}

const NOTHING: RoundResult = { conflict: false, ended: null, dueIn: null };
const CONFLICT: RoundResult = { ...NOTHING, conflict: true };

/** One round of a run: reads where it stands, decides what comes next, and has that written down. */
@Injectable()
export class ComposedRounds {
  constructor(
    private readonly database: Database,
    private readonly launching: LaunchingService,
    private readonly writer: ComposedRoundWriter,
    private readonly cancellation: LaunchCancellation,
    private readonly plans: Plans,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /** @throws DatabaseUnavailableError, and whatever else keeps the round from being written; it is to be made again then */
  async round(key: ExecutionKey): Promise<RoundResult> {
    const run = await progress.findRunning(this.database, key);
    if (run === undefined) return NOTHING;
    const view = await this.viewOf(run);
    if ('exitDescription' in view) return this.giveUp(run, view);
    const outcome = await this.decide(view, key);
    if (!this.isNews(run, outcome)) {
      await this.cancellation.cancelAll(outcome.decision.cancel);
      return { ...NOTHING, dueIn: dueIn(view, outcome) };
    }
    const launched = await this.writer.write(run, outcome, view.settings.failOnJobFailure);
    if (launched === undefined) return CONFLICT;
    for (const record of launched) void this.launching.start(record);
    this.tell(run, outcome, launched);
    await this.cancellation.cancelAll(outcome.decision.cancel);
    return { conflict: false, ended: outcome.end, dueIn: dueIn(view, outcome) };
  }

  /** @returns how the run ends if it cannot be read any more */
  private async viewOf(run: progress.RunProgress): Promise<RoundView | RunEnd> {
    try {
      const plan = this.plans.planOf(run.taskName, run.planText);
      return {
        plan,
        settings: driveSettings(plan, run.key, run),
        jobExecutionId: run.jobExecutionId,
        now: run.now,
        startedAt: run.startedAt,
        stopRequestedAt: run.stopRequestedAt,
        jobStopping: run.jobStopping,
        steps: await findSteps(this.database, run.jobInstanceId, run.jobExecutionId),
        notes: run.notes,
      };
    } catch (error) {
      if (error instanceof DatabaseUnavailableError || !(error instanceof Error)) throw error;
      // Checked when the run was accepted; what it needs has changed with a version of the server.
      const exitDescription = `The run cannot go on: ${error.message}`;
      return { batchStatus: 'FAILED', exitStatus: 'FAILED', exitDescription };
    }
  }

  private async giveUp(run: progress.RunProgress, end: RunEnd): Promise<RoundResult> {
    return (await this.writer.giveUp(run, end)) ? { ...NOTHING, ended: end } : CONFLICT;
  }

  private async decide(view: RoundView, parent: ExecutionKey): Promise<RoundOutcome> {
    const decision = decide(view, (child) => limitsOfChild(view.settings, child));
    let steps = decision.steps;
    const again = [];
    for (const step of decision.again) {
      const prepared = await this.prepare(view.settings, parent, step.context?.taskName ?? '', step.context);
      again.push({ step, prepared });
      if (prepared.outcome !== null) steps = steps.map((one) => (one.id === step.id ? failed(one, prepared) : one));
    }
    const beginnings: Beginning[] = [];
    for (;;) {
      const advance = next(view, steps, decision.stopping);
      if (advance.launch.length === 0) {
        const end = advance.finished === null ? null : endOf(view, advance.finished);
        const launched = [...again.map(({ prepared }) => prepared), ...beginnings.map(({ prepared }) => prepared)];
        return { decision: withLooks(view, decision, launched), advance, again, beginnings, end };
      }
      for (const toLaunch of advance.launch) {
        const beginning = await this.begin(view, parent, toLaunch, nextId(steps));
        beginnings.push(beginning);
        steps = [...steps, stepOf(view, beginning)];
      }
    }
  }

  private async begin(
    { settings, steps }: RoundView,
    parent: ExecutionKey,
    { step, previous }: StepToLaunch,
    id: number,
  ): Promise<Beginning> {
    const context = steps.find((one) => one.id === previous?.id)?.context ?? null;
    return { id, name: step.name, prepared: await this.prepare(settings, parent, step.child, context) };
  }

  /** @param previous the context of the step's last execution or attempt: its arguments are used again */
  private async prepare(
    settings: DriveSettings,
    parent: ExecutionKey,
    child: string,
    previous: StepContext | null,
  ): Promise<PreparedChild> {
    let context: StepContext = {
      child: null,
      taskName: child,
      arguments: previous?.arguments ?? [],
      ignoreExitMessage: false,
      exitCode: null,
    };
    try {
      limitsOfChild(settings, child);
      const { ignoreExitMessage, ...order } = launchOfChild(settings, child, previous?.arguments ?? null);
      context = { ...context, arguments: order.arguments, ignoreExitMessage };
      return { context, launch: await this.launching.prepare({ ...order, parent }), outcome: null };
    } catch (error) {
      // Whatever else it is: it would be the same the next time, and the run would never end.
      if (error instanceof DatabaseUnavailableError) throw error;
      const reason = messageOf(error);
      this.logger.warn({ task: child, parentExecutionId: parent.id, reason }, 'a child cannot be launched');
      return { context, launch: null, outcome: stepOutcome({ kind: 'not-launched', reason }) };
    }
  }

  private isNews(run: progress.RunProgress, { decision, advance, beginnings, again, end }: RoundOutcome): boolean {
    return (
      decision.ends.length + beginnings.length + again.length + advance.handled.length > 0 ||
      end !== null ||
      JSON.stringify(decision.notes) !== JSON.stringify(run.notes) ||
      decision.wakeAt?.getTime() !== run.wakeAt?.getTime()
    );
  }

  private tell(run: progress.RunProgress, { decision, end }: RoundOutcome, launched: readonly LaunchRecord[]): void {
    const fields = { task: run.taskName, executionId: run.key.id, jobExecutionId: run.jobExecutionId };
    for (const { step, outcome } of decision.ends) {
      this.logger.info({ ...fields, step: step.name, status: outcome.status }, 'a step of a composed task ended');
    }
    for (const { taskName, executionId } of launched) {
      this.logger.info({ ...fields, child: taskName, childExecutionId: executionId }, 'a child was accepted');
    }
    if (end !== null) this.logger.info({ ...fields, status: end.batchStatus }, 'a composed task ended');
  }
}

function dueIn({ now }: RoundView, { decision, end }: RoundOutcome): number | null {
  return decision.wakeAt === null || end !== null ? null : decision.wakeAt.getTime() - now.getTime();
}

/** Provisional, as steps that this round begins have no ids yet: later ones are higher. */
function nextId(steps: readonly StepView[]): number {
  return Math.max(0, ...steps.map(({ id }) => id)) + 1;
}

function stepOf({ jobExecutionId }: RoundView, { id, name, prepared }: Beginning): StepView {
  const { context, outcome } = prepared;
  return {
    id,
    jobExecutionId,
    name,
    status: outcome?.status ?? 'STARTED',
    exitStatus: outcome?.exitStatus ?? 'EXECUTING',
    // Of a launch that is not written yet only its being there counts.
    taskExecutionId: outcome === null ? 0 : null,
    exitCode: null,
    context,
    child: null,
  };
}

/** Sees to it that the run is looked at when a child that begins now may have taken too long. */
function withLooks(view: RoundView, decision: RoundDecision, launched: readonly PreparedChild[]): RoundDecision {
  const looks = launched.flatMap(({ context, launch }) =>
    launch === null ? [] : (firstLook(view, limitsOfChild(view.settings, context.taskName)) ?? []),
  );
  const times = [...looks, ...(decision.wakeAt === null ? [] : [decision.wakeAt])].map((time) => time.getTime());
  return times.length === 0 ? decision : { ...decision, wakeAt: new Date(Math.min(...times)) };
}

function failed(step: StepView, { outcome }: PreparedChild): StepView {
  if (outcome === null) return step;
  return { ...step, status: outcome.status, exitStatus: outcome.exitStatus, exitCode: null };
}
