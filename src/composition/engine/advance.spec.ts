import { describe, expect, it } from '@jest/globals';
import { advance, AdvanceOptions, RunEnd } from './advance.js';
import { makePlan } from './make-plan.js';
import { Plan } from './plan.js';
import { rebuildState, RunState, StepRecord } from './state.js';

/** `COMPLETED`, `FAILED`, a text of its own with exit code 0, or such a text with another code, as in `X:3`. */
type Ends = Readonly<Record<string, string>>;

/** A step execution of job execution 2 unless told otherwise. */
function row(name: string, change: Partial<StepRecord> = {}): StepRecord {
  return {
    id: 1,
    jobExecutionId: 2,
    name: `${name}_0`,
    status: 'STARTED',
    exitStatus: 'EXECUTING',
    taskExecutionId: 9,
    exitCode: null,
    ...change,
  };
}

function ended(name: string, end = 'COMPLETED', change: Partial<StepRecord> = {}): StepRecord {
  const [exitStatus = '', code] = end.split(':');
  const exitCode = code === undefined ? Number(exitStatus === 'FAILED') : Number(code);
  return row(name, { status: exitCode === 0 ? 'COMPLETED' : 'FAILED', exitStatus, exitCode, ...change });
}

function stateOf(rows: readonly StepRecord[], stopRequested = false): RunState {
  return rebuildState(
    rows.map((each, index) => ({ ...each, id: index + 1 })),
    { jobExecutionId: 2, stopRequested },
  );
}

/** Runs a plan with children that end at once, and says which steps ran, in groups that began together. */
function run(plan: Plan, ends: Ends, rows: StepRecord[] = [], options: AdvanceOptions = {}) {
  const groups: string[][] = [];
  for (;;) {
    const { launch, finished } = advance(plan, stateOf(rows), options);
    if (finished !== null) return { groups: groups.map((names) => names.join(' ')), finished };
    expect(launch.length).toBeGreaterThan(0);
    groups.push(launch.map(({ step }) => step.child));
    rows.push(...launch.map(({ step }) => ended(step.child, ends[step.child])));
  }
}

const ranOf = (text: string, ends: Ends, options?: AdvanceOptions) => run(makePlan('p', text), ends, [], options);

describe("what SCDF's runner does with a status", () => {
  it.each([
    // text, after COMPLETED, after FAILED, after X: the steps behind a, and how the job ends
    ['a', 'COMPLETED', 'FAILED', 'FAILED'],
    ['a && c', 'c COMPLETED', 'FAILED', 'FAILED'],
    ["a 'FAILED'->b", 'COMPLETED', 'b COMPLETED', 'COMPLETED'],
    ["a 'COMPLETED'->b", 'b COMPLETED', 'FAILED', 'FAILED'],
    ["a 'X'->b", 'FAILED', 'FAILED', 'b COMPLETED'],
    ["a 'FAILED'->b '*'->c", 'c COMPLETED', 'b COMPLETED', 'c COMPLETED'],
    ["a 'FAILED'->b && c", 'c COMPLETED', 'b COMPLETED', 'c COMPLETED'],
    ["a 'X'->b && c", 'c COMPLETED', 'c COMPLETED', 'b COMPLETED'],
    ["a '*'->b 'X'->c && d", 'b COMPLETED', 'b COMPLETED', 'c COMPLETED'],
    ["a 'FAILED'->b 'COMPLETED'->c", 'c COMPLETED', 'b COMPLETED', 'FAILED'],
    ["a 'F*'->b 'C*D'->c", 'c COMPLETED', 'b COMPLETED', 'FAILED'],
    ["a '?'->b", 'FAILED', 'FAILED', 'b COMPLETED'],
    // Where its runner has no meaning, or none of use
    ["a 'FAILED'->$END && c", 'c COMPLETED', 'COMPLETED', 'c COMPLETED'],
    ["a 'X'->$FAIL && c", 'c COMPLETED', 'c COMPLETED', 'FAILED'],
    ["a 'X'->:l && b && l: c", 'b c COMPLETED', 'b c COMPLETED', 'c COMPLETED'],
    ["a 'FAILED'->:l\nl: c && d", 'COMPLETED', 'c d COMPLETED', 'COMPLETED'],
    ["a 'X'->t: b && c 'Y'->:t", 'c FAILED', 'c FAILED', 'b COMPLETED'],
    ['a 1->b', 'COMPLETED', 'b COMPLETED', 'FAILED'],
    ['a 1->b && c', 'c COMPLETED', 'b COMPLETED', 'c COMPLETED'],
    ['a 0->b', 'b COMPLETED', 'FAILED', 'b COMPLETED'],
  ])('%s', (text, afterCompleted, afterFailed, afterX) => {
    const outcome = (status: string) => {
      const { groups, finished } = ranOf(text, { a: status });
      return [...groups.slice(1), finished.batchStatus].join(' ');
    };
    expect([outcome('COMPLETED'), outcome('FAILED'), outcome('X')]).toEqual([afterCompleted, afterFailed, afterX]);
  });

  it('is FAILED when the target of a transition fails, and says which step it was', () => {
    expect(ranOf("a 'FAILED'->b && c", { a: 'FAILED', b: 'X' }).finished).toEqual({
      batchStatus: 'FAILED',
      exitStatus: 'FAILED',
      exitDescription: "Step 'b_0' ended with the exit status 'X'.",
    });
  });
});

describe("the reference outcomes of SCDF's runner", () => {
  it.each([
    ['AAA', ['AAA']],
    ['failedStep && AAA', ['failedStep']],
    ['AAA && failedStep && BBB', ['AAA', 'failedStep']],
    ['AAA && BBB && CCC', ['AAA', 'BBB', 'CCC']],
    ['<AAA||BBB||CCC>', ['AAA BBB CCC']],
    ['<<AAA || BBB > && CCC || DDD>', ['AAA BBB DDD', 'CCC']],
    ['<<AAA || BBB> || <CCC || DDD>> && <EEE || FFF>', ['AAA BBB CCC DDD', 'EEE FFF']],
    ['AAA && <BBB||CCC||DDD> && EEE', ['AAA', 'BBB CCC DDD', 'EEE']],
    ['AAA && <BBB||failedStep||DDD> && EEE', ['AAA', 'BBB failedStep DDD']],
    ['AAA && <BBB && FFF||CCC||DDD> && EEE', ['AAA', 'BBB CCC DDD', 'FFF', 'EEE']],
    ["AAA && FFF 'FAILED' -> EEE && <BBB||CCC> && DDD", ['AAA', 'FFF', 'BBB CCC', 'DDD']],
    ["AAA && failedStep 'FAILED' -> EEE && FFF && <BBB||CCC> && DDD", ['AAA', 'failedStep', 'EEE']],
    ["failedStep 'FAILED' -> AAA * -> BBB", ['failedStep', 'AAA']],
    ["AAA 'FAILED' -> BBB * -> CCC", ['AAA', 'CCC']],
    ["AAA 'FAILED' -> BBB && CCC 'FAILED' -> DDD '*' -> EEE", ['AAA', 'CCC', 'EEE']],
    ["AAA 'FAILED' -> BBB && CCC * -> DDD", ['AAA', 'CCC', 'DDD']],
  ])('%s', (text, groups) => {
    expect(ranOf(text, { failedStep: 'FAILED' }).groups).toEqual(groups);
  });
});

describe('branches of a split', () => {
  it.each<[string, Ends, string[], RunEnd['batchStatus']]>([
    ["<a 'X'->b && c || d> && e", { a: 'X' }, ['a d', 'b', 'e'], 'COMPLETED'],
    ['<a && b || c && d> && e', { a: 'FAILED' }, ['a c', 'd'], 'FAILED'],
    ["<a 'FAILED'->$END && b || c> && e", { a: 'FAILED' }, ['a c', 'e'], 'COMPLETED'],
    ["<a 'X'->$FAIL && b || c && d> && e", { a: 'X' }, ['a c', 'd'], 'FAILED'],
    ["<a 'X'->:s || b> && e\ns: c && d", { a: 'X' }, ['a b', 'c', 'd', 'e'], 'COMPLETED'],
  ])('%s', (text, ends, groups, batchStatus) => {
    const outcome = ranOf(text, ends);
    expect(outcome.groups).toEqual(groups);
    expect(outcome.finished.batchStatus).toBe(batchStatus);
  });

  it.each([
    [1, ['a', 'b', 'c', 'd', 'e', 'f']],
    [2, ['a c', 'b d', 'e', 'f']],
    [3, ['a c d', 'b e', 'f']],
  ])('with room for %s at once go on with what has begun first', (maxAtOnce, groups) => {
    expect(ranOf('<a && b || c || <d || e> && f>', {}, { maxAtOnce }).groups).toEqual(groups);
  });
});

describe('a branch that waits for a split inside it', () => {
  it('lends its place to that split, before others get a second one', () => {
    const plan = makePlan('p', '<a && <b || c> || d && <e || f>>');
    const { launch } = advance(plan, stateOf([ended('a'), ended('d')]), { maxAtOnce: 2 });
    expect(launch.map(({ step }) => step.child)).toEqual(['b', 'e']);
  });
});

describe('a stop', () => {
  const plan = makePlan('p', '<a && b || c>');

  it('launches nothing more and ends as STOPPED when the children have ended', () => {
    const stopping = advance(plan, stateOf([ended('a'), row('c')], true));
    expect(stopping).toMatchObject({ launch: [], stopping: true, finished: null, underWay: [{ name: 'c_0' }] });
    expect(advance(plan, stateOf([ended('a'), ended('c')], true)).finished).toMatchObject({ batchStatus: 'STOPPED' });
  });

  it('is what a stopped step means for the whole run', () => {
    const stopped = row('c', { status: 'STOPPED', exitStatus: 'STOPPED' });
    expect(advance(plan, stateOf([ended('a'), stopped]))).toMatchObject({
      launch: [],
      finished: { batchStatus: 'STOPPED' },
    });
    expect(advance(plan, stateOf([ended('a', 'FAILED'), stopped])).finished?.batchStatus).toBe('STOPPED');
  });

  it('before anything began', () => {
    expect(advance(plan, stateOf([], true)).finished?.batchStatus).toBe('STOPPED');
  });

  it('that comes too late changes nothing', () => {
    expect(advance(makePlan('p', 'a'), stateOf([ended('a')], true)).finished?.batchStatus).toBe('COMPLETED');
  });
});

describe('a takeover', () => {
  const plan = makePlan('p', '<a || b> && c');

  it('waits for children and finishes launches that were cut short', () => {
    const next = advance(plan, stateOf([row('a'), row('b', { taskExecutionId: null })]));
    expect(next).toMatchObject({
      launch: [],
      underWay: [{ name: 'a_0' }],
      unfinishedLaunches: [{ name: 'b_0' }],
      finished: null,
    });
  });

  it('waits for children of steps that the plan does not know', () => {
    const known = [ended('a'), ended('b'), ended('c')];
    expect(advance(plan, stateOf([...known, row('gone')])).finished).toBeNull();
    expect(advance(plan, stateOf([...known, ended('gone')])).finished?.batchStatus).toBe('COMPLETED');
  });
});

describe('a restart', () => {
  const before = { jobExecutionId: 1 };

  it('goes on where the run failed', () => {
    const { launch } = advance(
      makePlan('p', 'a && b && c'),
      stateOf([ended('a', undefined, before), ended('b', 'FAILED', before)]),
    );
    expect(launch).toEqual([
      { step: { name: 'b_0', child: 'b', position: 1 }, previous: expect.objectContaining({ id: 2 }) },
    ]);
  });

  it.each([
    ['COMPLETED', 'b'],
    ['ABANDONED', 'b'],
    ['FAILED', 'a'],
    ['STOPPED', 'a'],
    ['STARTED', 'a'],
  ] as const)('after a step that was left %s launches %s', (status, next) => {
    const earlier = ended('a', 'COMPLETED', { ...before, status });
    expect(advance(makePlan('p', 'a && b'), stateOf([earlier])).launch.map(({ step }) => step.child)).toEqual([next]);
  });

  it('fails if it is not known how a step ended', () => {
    const earlier = ended('a', 'COMPLETED', { ...before, status: 'UNKNOWN' });
    expect(advance(makePlan('p', 'a && b'), stateOf([earlier])).finished).toMatchObject({
      batchStatus: 'FAILED',
      exitDescription: expect.stringContaining("step 'a_0' ended (status UNKNOWN)"),
    });
  });

  it('lets old exit statuses and exit codes lead on', () => {
    const rows = [ended('a', 'X', before), ended('b', 'FAILED:7', { ...before, status: 'ABANDONED' })];
    expect(run(makePlan('p', "a 'X'->:l && x && l: b 7->c && d"), {}, rows).groups).toEqual(['c']);
  });

  it('does not repeat a failed step that a transition has handled', () => {
    const plan = makePlan('p', "a 'FAILED'->b && c");
    const rows = [ended('a', 'FAILED')];
    expect(advance(plan, stateOf(rows))).toMatchObject({
      handled: [{ name: 'a_0' }],
      launch: [{ step: { child: 'b' } }],
    });
    rows.push(ended('b', 'FAILED'));
    expect(advance(plan, stateOf(rows))).toMatchObject({
      handled: [{ name: 'a_0' }],
      finished: { batchStatus: 'FAILED' },
    });
    const left = [ended('a', 'FAILED', { ...before, status: 'ABANDONED' }), ended('b', 'FAILED', before)];
    expect(run(plan, {}, left).groups).toEqual(['b']);
  });

  it('counts the last of several earlier executions', () => {
    const rows = [ended('a', 'FAILED', { jobExecutionId: 0 }), ended('a', 'COMPLETED', before)];
    expect(advance(makePlan('p', 'a && b'), stateOf(rows)).launch).toMatchObject([{ step: { child: 'b' } }]);
  });

  it('of a run that has completed ends at once', () => {
    expect(run(makePlan('p', '<a || b>'), {}, [ended('a', undefined, before), ended('b', undefined, before)])).toEqual({
      groups: [],
      finished: { batchStatus: 'COMPLETED', exitStatus: 'COMPLETED', exitDescription: '' },
    });
  });
});
