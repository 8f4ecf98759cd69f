import { decide } from './engine/transitions.js';
import type { Plan, StepElement } from './engine/plan.js';
import { isUnderWay } from './engine/batch-status.js';
import type { StepView } from './composed-round.js';
import type { ToldChild, ToldRun, ToldStep } from './composed-story.sql.js';

/** Something that happened in a run. */
export interface StoryEvent {
  readonly at: Date;
  readonly text: string;
}

/** What a story is made of. */
export interface StoryFacts {
  readonly run: ToldRun;
  /** Null if the text cannot be planned any more. */
  readonly plan: Plan | null;
  readonly children: readonly ToldChild[];
  /** Of the whole job instance. */
  readonly steps: readonly StepView[];
  readonly told: readonly ToldStep[];
}

/** Tells what happened in a run, in the order in which it happened. */
export function tellStory({ run, plan, children, steps, told }: StoryFacts): readonly StoryEvent[] {
  const own = steps.filter(({ jobExecutionId }) => jobExecutionId === run.jobExecutionId);
  const events: StoryEvent[] = [
    {
      at: run.startedAt,
      text: `Run ${run.key.id} of '${run.taskName}' began as job execution ${run.jobExecutionId}: ${run.planText}`,
    },
    ...restarted(run, steps),
    ...children.flatMap(courseOfChild),
    ...told.flatMap(({ id, endTime, exitDescription }) => {
      const step = own.find((one) => one.id === id);
      return step === undefined || endTime === null ? [] : eventsOfStep(step, endTime, exitDescription, plan);
    }),
    ...children.map((child, index) => launchOfChild(child, attemptOf(children, index))),
  ];
  if (run.stopRequestedAt !== null) events.push({ at: run.stopRequestedAt, text: 'The run was asked to stop' });
  // The sort is stable: what bears one time, as all that one round wrote, stays in the order of cause and effect.
  events.sort((one, other) => one.at.getTime() - other.at.getTime());
  if (run.endedAt !== null) {
    events.push({ at: run.endedAt, text: sentence(`The run ended: ${run.status}`, run.exitMessage) });
  }
  return events;
}

/** An event as a line. */
export function lineOf({ at, text }: StoryEvent): string {
  return `${at.toISOString()}  ${text.replaceAll(/[\r\n]+/g, ' ')}`;
}

function restarted(run: ToldRun, steps: readonly StepView[]): readonly StoryEvent[] {
  const last = new Map(
    steps.filter(({ jobExecutionId }) => jobExecutionId < run.jobExecutionId).map((step) => [step.name, step]),
  );
  if (last.size === 0) return [];
  const kept = [...last.values()].filter(({ status }) => status === 'COMPLETED' || status === 'ABANDONED');
  const names = kept.map(({ name, status }) => `${name} (${status})`).join(', ');
  const text = `It goes on with job instance ${run.jobInstanceId}; not repeated: ${names === '' ? 'nothing' : names}`;
  return [{ at: run.startedAt, text }];
}

function attemptOf(children: readonly ToldChild[], index: number): number {
  const name = children[index]?.taskName;
  return children.slice(0, index + 1).filter(({ taskName }) => taskName === name).length;
}

function launchOfChild({ key, taskName, acceptedAt, queued }: ToldChild, attempt: number): StoryEvent {
  const which = attempt > 1 ? `, attempt ${attempt}` : '';
  const waits = queued ? '; it waits for room' : '';
  return { at: acceptedAt, text: `${taskName} was launched as execution ${nameOf(key)}${which}${waits}` };
}

function courseOfChild(child: ToldChild): readonly StoryEvent[] {
  const { key, taskName, startTime, endTime, exitCode, exitMessage, reason } = child;
  const events: StoryEvent[] = [];
  if (startTime !== null) events.push({ at: startTime, text: `${taskName}: execution ${nameOf(key)} started` });
  if (endTime !== null) {
    const code = exitCode === null ? 'without an exit code' : `with exit code ${exitCode}`;
    const message = exitMessage === null || exitMessage === '' ? '' : ` and the message '${exitMessage}'`;
    const text = sentence(`${taskName}: execution ${nameOf(key)} ended ${code}${message}`, reason ?? '');
    events.push({ at: endTime, text });
  }
  return events;
}

function nameOf({ schemaTarget, id }: ToldChild['key']): string {
  return schemaTarget === 'boot3' ? `${id} (boot3)` : String(id);
}

function eventsOfStep(step: StepView, at: Date, description: string, plan: Plan | null): readonly StoryEvent[] {
  if (isUnderWay(step.status)) return [];
  const status = step.status === 'ABANDONED' ? 'FAILED' : step.status;
  const exit = step.exitStatus === status ? '' : ` with the exit status '${step.exitStatus}'`;
  const events: StoryEvent[] = [{ at, text: sentence(`Step ${step.name} ended: ${status}${exit}`, description) }];
  const way = step.status === 'STOPPED' ? undefined : wayFrom(step, plan);
  if (way !== undefined) events.push({ at, text: way });
  return events;
}

/** Which transition a step's end took; undefined if it took none. */
function wayFrom(step: StepView, plan: Plan | null): string | undefined {
  const element = plan?.flows
    .flatMap(({ elements }) => elements)
    .find((one): one is StepElement => one.kind === 'step' && one.step.name === step.name);
  if (plan === null || element === undefined) return undefined;
  const decision = decide(element, { exitStatus: step.exitStatus, exitCode: step.exitCode });
  if (decision.kind !== 'target') return undefined;
  const { target } = decision;
  switch (target.kind) {
    case 'step':
      return `A transition leads from ${step.name} to ${target.step.name}`;
    case 'end':
      return `A transition leads from ${step.name} to the end of its flow: ${target.status}`;
    case 'jump': {
      const to = plan.flows[target.flow]?.elements[target.element];
      return `A transition leads from ${step.name} to ${to?.kind === 'step' ? to.step.name : 'a split'}`;
    }
  }
}

function sentence(text: string, detail: string): string {
  return detail.trim() === '' ? text : `${text}. ${detail.trim()}`;
}
