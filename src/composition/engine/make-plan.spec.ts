import { describe, expect, it } from '@jest/globals';
import { TaskDslError } from '../../dsl/errors.js';
import { executableDsl } from '../../dsl/expand.js';
import { parseTask } from '../../dsl/parse.js';
import { advance } from './advance.js';
import { PlanLimits } from './limits.js';
import { childrenOf, makePlan } from './make-plan.js';
import { PlanError } from './plan-error.js';
import { FRESH } from './state.js';

function problemsOf(text: string, limits?: PlanLimits): readonly (string | null)[] {
  try {
    makePlan('p', text, limits);
    return [];
  } catch (error) {
    if (error instanceof PlanError) return error.problems.map(({ message, position }) => `${position}: ${message}`);
    if (error instanceof TaskDslError) return error.problems.map(({ message }) => message);
    throw error;
  }
}

const stepsOf = (text: string) => makePlan('p', text).steps.map(({ name }) => name);

describe('a plan', () => {
  it('names steps after their children and their use', () => {
    expect(stepsOf("p-a 'X'->p-b && <p-c || x: p-d && y: p-d>")).toEqual(['p-a_0', 'p-b_0', 'p-c_0', 'p-d_0', 'p-d_1']);
    expect(childrenOf(makePlan('p', 'x: p-d && y: p-d'))).toEqual(['p-d']);
  });

  it('is made of the executable text of a definition, labels and end states included', () => {
    const task = parseTask('p', "a --x=1 'X'->:l 'Y'->$END 'Z'->e: $FAIL && b && l: c\nm: d");
    expect(() => makePlan('p', executableDsl('p', task))).toThrow("The sequence that begins with the label 'm'");
    const plan = makePlan('p', executableDsl('p', { sequences: task.sequences.slice(0, 1) }));
    expect(plan.flows[0]?.elements[0]).toMatchObject({
      transitions: [
        { pattern: 'X', target: { kind: 'jump', flow: 0, element: 2 } },
        { pattern: 'Y', target: { kind: 'end', status: 'COMPLETED' } },
        { pattern: 'Z', target: { kind: 'end', status: 'FAILED' } },
      ],
    });
  });

  it("knows end states by the names that SCDF's server gives them", () => {
    const plan = makePlan('p', "p-a 'X'->p-$END 'Y'->p-$FAIL 'Z'->q-$END");
    expect(plan.flows[0]?.elements[0]).toMatchObject({
      transitions: [
        { target: { kind: 'end', status: 'COMPLETED' } },
        { target: { kind: 'end', status: 'FAILED' } },
        { target: { kind: 'step', step: { child: 'q-$END' } } },
      ],
    });
  });

  it('is a plain value', () => {
    const plan = makePlan('p', "<p-a 'X'->:l && l: <p-b || p-c> || p-d> && p-e 'X'->:s\ns: p-f");
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('takes long and deep texts', () => {
    const many = Array.from({ length: 12_000 }, (_, index) => `p-a${index}`);
    for (const text of [
      many.join(' && '),
      `<${many.join(' || ')} >`,
      `p-x ${many.map((name) => `'${name}'->${name}`).join(' ')}`,
      many
        .map((name, index) => `l${index}: ${name} 'X'->:l${Math.min(index + 2, 11_999 + 0)}`)
        .slice(0, -2)
        .join(' && ') + ' && l11998: p-y && l11999: p-z',
      `${'<'.repeat(500)}p-a${'>'.repeat(500)}`,
      many.map((name, index) => `${index > 0 ? `s${index}: ` : ''}${name} 'X'->:s${index + 1}`).join('\n') +
        '\ns12000: p-z',
    ]) {
      expect(advance(makePlan('p', text), FRESH).launch.length).toBeGreaterThan(0);
    }
  });
});

describe('what cannot be run', () => {
  const WILDCARD = "Invalid flow following '*' specifier. What follows";

  it.each([
    // SCDF's own refusals
    ["AAA 'FAILED' -> BBB * -> CCC && DDD && EEE", `20: ${WILDCARD} 'AAA' can never run`],
    ["DDD && AAA 'FAILED' -> BBB * -> CCC && EEE", `27: ${WILDCARD} 'AAA' can never run`],
    ["AAA && f 'FAILED' -> EEE '*' -> FFF && <BBB||CCC> && DDD", `25: ${WILDCARD} 'f' can never run`],
    ["failedStep 'FAILED' -> BBB  && CCC && BBB && EEE", '166E:(pos 38)'],
    ["AAA 'FAILED' -> BBB  * -> CCC && BBB && EEE", '166E:(pos 33)'],
    ['l: a && l: b', '159E:(pos 8)'],
    ["a 'X'->:gone", '160E:(pos 2)'],
    // Circles
    ["l: a && b 'X'->:l", "10: The transition of 'b' to ':l' closes a circle"],
    ["l: a 'X'->:l", "5: The transition of 'a' to ':l' closes a circle"],
    ["a 'X'->:l\nl: b 'X'->:m\nm: c 'X'->:l", "15: The transition of 'b' to ':m' closes a circle"],
    ["l: <a || b> && c 'X'->:l", "17: The transition of 'c' to ':l' closes a circle"],
    // Into and out of branches
    ["<a 'X'->:l || b> && l: c", "3: The transition of 'a' to ':l' cannot be followed: the label stands outside"],
    ["<a 'X'->:l || l: b>", "3: The transition of 'a' to ':l' cannot be followed: the label stands outside"],
    ["a 'X'->:l && <l: b || c>", "2: The transition of 'a' to ':l' cannot be followed: the label stands outside"],
    ["<a 'X'->:l || b 'X'->:l>\nl: c", "16: The transition of 'b' to ':l' cannot be followed: the sequence there"],
    // Never reached
    ['a\nl: b', "2: The sequence that begins with the label 'l' can never run"],
    ["a\nl: b 'X'->:m\nm: c 'X'->:l", "2: The sequence that begins with the label 'l' can never run"],
  ])('%s', (text, problem) => {
    const [first, ...others] = problemsOf(text);
    expect(first).toContain(problem);
    expect(others.every((other) => /never run|closes a circle/.test(other ?? ''))).toBe(true);
  });

  it('is said all at once', () => {
    expect(problemsOf("a 'X'->b '*'->c && <d 'Y'->:l || e> && l: f\nm: g")).toHaveLength(3);
  });

  it.each([
    ["a 'X'->:l && b && l: c"],
    ["a 'X'->:l && b 'Y'->:l && l: c"],
    ["a 'X'->fix: f && b 'Y'->:fix"],
    ["a 'X'->:s && b && l: c\ns: f 'OK'->:l"],
    ["a 'X'->:m\ns: b\nm: c 'X'->:s"],
    ["<a 'X'->:l && b && l: c || d>"],
    ["<a 'X'->:s || b>\ns: c"],
    ["a 'X'->:l && b && l: <c || d>"],
    ["a '*'->b 'X'->c && d"],
  ])('%s is none of it', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('limits', () => {
  it.each([
    // The reference outcomes of SCDF's runner.
    ['<AAA||BBB||CCC>', 1, null],
    ['<<AAA || BBB > && CCC || DDD>', 2, null],
    ['<<AAA || BBB > && CCC || DDD>', 1, 2],
    ['<<AAA || BBB > && CCC || <DDD || EEE> && FFF>', 2, 3],
    ['<<AAA || BBB> || <CCC || DDD>> && <EEE || FFF>', 3, null],
    ['<<AAA || BBB> || <CCC || DDD>> && <EEE || FFF>', 2, 3],
  ])('%s with a core pool of %s', (text, splitThreadCorePoolSize, depth) => {
    expect(problemsOf(text, { splitThreadCorePoolSize })).toEqual(
      depth === null
        ? []
        : [
            `0: Split thread core pool size ${splitThreadCorePoolSize} should be equal or greater than the depth of split flows ${depth}. Try setting the composed task property \`splitThreadCorePoolSize\``,
          ],
    );
  });

  it.each([
    ['a && b && c && d', 1, true],
    ['<a || b || c>', 3, true],
    ['<a || b || c>', 2, false],
    ['<a || <b || c> && d || e>', 3, false],
    ['<a || <b || c> && d || e>', 4, true],
    ['<a && b || <c || d>>', 2, true],
    ["<a 'X'->b || c>", 2, false],
  ])('%s with %s tasks at once: %s', (text, maximumConcurrentTasks, fits) => {
    expect(problemsOf(text, { maximumConcurrentTasks })).toHaveLength(fits ? 0 : 1);
  });
});
