import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { composedText, results } from '../../../test/compat/flow-arbitraries.js';
import { interpret, Launch, Repository, Result } from '../../../test/compat/flow-reference.js';
import { advance, RunEnd } from './advance.js';
import { BatchStatus } from './batch-status.js';
import { makePlan } from './make-plan.js';
import { Plan } from './plan.js';
import { rebuildState, RunState, StepRecord } from './state.js';

/**
 * How many random tasks each property is tried with; FLOW_RUNS=10000 for a long run. A failure is not made smaller, which
 * takes minutes.
 */
const numRuns = Number(process.env.FLOW_RUNS ?? 500);
const timeout = 3_600_000;

/** What a simulated run was disturbed by. */
interface Disturbance {
  readonly maxAtOnce?: number;
  /** When a stop is asked for, in the run's own time. */
  readonly stopAt?: number;
  /** Random numbers: where launches are cut short, and how rows are shuffled. */
  readonly chance?: Iterator<number>;
}

/** A driver with a clock of its own; its only memory is the rows, which it reads anew and shuffled for every step. */
class Simulation {
  private rows: StepRecord[] = [];
  private ends = new Map<number, { readonly time: number; readonly result: Result }>();
  private executions = 0;

  constructor(private readonly plan: Plan) {}

  run(resultOf: (step: string) => Result, { maxAtOnce, stopAt = Infinity, chance }: Disturbance = {}) {
    const jobExecutionId = ++this.executions;
    const launches: Launch[] = [];
    let most = 0;
    for (let time = 0; ;) {
      const state = this.state(jobExecutionId, time >= stopAt, chance);
      const next = advance(this.plan, state, { maxAtOnce });
      expect(advance(this.plan, state, { maxAtOnce })).toEqual(next);
      for (const { id } of next.handled) this.update(id, { status: 'ABANDONED' });
      if (next.finished !== null) return { ...next.finished, end: time, launches, most };
      if (next.stopping) expect(next.launch).toEqual([]);
      for (const { step } of next.launch) {
        const id = this.rows.length + 1;
        launches.push({ time, name: step.name });
        this.rows.push({
          id,
          jobExecutionId,
          name: step.name,
          status: 'STARTED',
          exitStatus: 'EXECUTING',
          taskExecutionId: null,
          exitCode: null,
        });
        const result = resultOf(step.name);
        this.ends.set(id, { time: time + result.duration, result });
        // Cut short here, the launch is finished by whoever takes over.
        if ((chance?.next().value ?? 50) < 10) break;
        this.update(id, { taskExecutionId: id });
      }
      const cut = advance(this.plan, this.state(jobExecutionId, time >= stopAt, chance), { maxAtOnce });
      for (const { id } of cut.unfinishedLaunches) this.update(id, { taskExecutionId: id });
      // Steps that the cut kept from beginning begin at the same time, with the next look.
      if (cut.launch.length > 0) continue;
      const underWay = this.rows.filter(({ status }) => status === 'STARTED');
      most = Math.max(most, underWay.length);
      time = this.endNext(underWay);
    }
  }

  private endNext(underWay: readonly StepRecord[]): number {
    expect(underWay.length).toBeGreaterThan(0);
    const time = Math.min(...underWay.map(({ id }) => this.ends.get(id)!.time));
    for (const { id } of underWay) {
      const end = this.ends.get(id)!;
      if (end.time === time) this.update(id, { ...end.result });
    }
    return time;
  }

  private update(id: number, change: Partial<StepRecord> & { status?: BatchStatus }): void {
    const { status, exitStatus, exitCode, taskExecutionId } = { ...this.rows[id - 1]!, ...change };
    this.rows[id - 1] = { ...this.rows[id - 1]!, status, exitStatus, exitCode, taskExecutionId };
  }

  private state(jobExecutionId: number, stopRequested: boolean, chance?: Iterator<number>): RunState {
    const rows = JSON.parse(JSON.stringify(this.rows)) as StepRecord[];
    const shuffled = rows
      .map((row) => ({ row, key: chance?.next().value ?? 0 }))
      .sort((one, other) => one.key - other.key)
      .map(({ row }) => row);
    const state = rebuildState(shuffled, { jobExecutionId, stopRequested });
    return JSON.parse(JSON.stringify(state)) as RunState;
  }
}

/** Launches of one moment have no order among themselves that two engines must share. */
function inTime(launches: readonly Launch[]): string[] {
  return launches.map(({ time, name }) => `${String(time).padStart(4, '0')} ${name}`).sort();
}

function property(
  name: string,
  holds: (text: string, ends: (step: string) => Result, again: typeof ends, chance: Iterator<number>) => void,
) {
  it(
    name,
    () =>
      fc.assert(fc.property(composedText, results, results, fc.infiniteStream(fc.nat(99)), holds), {
        numRuns,
        endOnFailure: true,
      }),
    timeout,
  );
}

describe('a random composed task', () => {
  property('runs as in Spring Batch, restarts and takeovers included', (text, ends, again, chance) => {
    const simulation = new Simulation(makePlan('p', text));
    const repository: Repository = new Map();
    for (const attempt of [ends, again, ends, again]) {
      const expected = interpret(text, attempt, repository);
      const { batchStatus, end, launches } = simulation.run(attempt, { chance });
      expect({ batchStatus, end, launches: inTime(launches) }).toEqual({
        batchStatus: expected.status,
        end: expected.end,
        launches: inTime(expected.launches),
      });
      if (batchStatus === 'COMPLETED') return;
    }
  });

  property('runs the same steps however few may run at once', (text, ends, _again, chance) => {
    const plan = makePlan('p', text);
    const free = new Simulation(plan).run(ends);
    const maxAtOnce = 1 + (Number(chance.next().value) % 5);
    const capped = new Simulation(plan).run(ends, { maxAtOnce, chance });
    expect(capped.most).toBeLessThanOrEqual(maxAtOnce);
    expect(namesOf(capped.launches)).toEqual(namesOf(free.launches));
    expect(capped.batchStatus).toBe(free.batchStatus);
    // Without splits within splits, threads of a pool do the same.
    if (!/<[^>]*</.test(text.replaceAll('->', ''))) {
      expect(inTime(capped.launches)).toEqual(inTime(interpret(text, ends, new Map(), maxAtOnce).launches));
    }
  });

  property('comes to the same end when it is stopped and restarted', (text, ends, _again, chance) => {
    const plan = makePlan('p', text);
    const whole = new Simulation(plan).run(ends);
    const stopAt = Number(chance.next().value) % (whole.end + 1);
    const simulation = new Simulation(plan);
    const stopped = simulation.run(ends, { stopAt, chance });
    expect(stopped.launches.every(({ time }) => time < stopAt)).toBe(true);
    if (stopped.batchStatus !== 'STOPPED') return expectSame(stopped, whole);
    const rest = simulation.run(ends, { chance });
    expectSame(rest, whole);
    expect([...new Set(namesOf([...stopped.launches, ...rest.launches]))]).toEqual(namesOf(whole.launches));
  });
});

function expectSame(one: RunEnd, other: RunEnd): void {
  expect(one.batchStatus).toBe(other.batchStatus);
}

function namesOf(launches: readonly Launch[]): string[] {
  return launches.map(({ name }) => name).sort();
}
