import { describe, expect, it } from '@jest/globals';
import { TaskDslError } from './errors.js';
import { childDefinitions, executableDsl } from './expand.js';
import { graphToText } from './graph-to-text.js';
import { maskDsl } from './mask.js';
import { parseTask } from './parse.js';
import { printTask } from './print.js';
import { taskToGraph } from './task-to-graph.js';

// Large and nested definitions are read, or refused, by loops that no input can overflow.

const many = Array.from({ length: 12_000 }, (_, index) => `app${index}`);

function problemOf(dsl: string): string | undefined {
  try {
    parseTask('task', dsl);
    return undefined;
  } catch (error) {
    if (error instanceof TaskDslError) return error.problems[0].message;
    throw error;
  }
}

describe('nesting', () => {
  it.each([
    ['splits', '<', '>'],
    ['parentheses', '(', ')'],
  ])('%s may be 500 levels deep', (_title, open, close) => {
    expect(problemOf(`${open.repeat(500)}a${close.repeat(500)}`)).toBeUndefined();
  });

  it.each(['<', '(', '<('])('%s is refused where it gets deeper', (open) => {
    expect(problemOf(open.repeat(100_000))).toBe(
      '190E:(pos 500): splits and parentheses are nested more than 500 levels deep',
    );
  });

  it('is counted anew behind each group', () => {
    expect(problemOf(`a && (b)${many.map((name) => ` && (${name})`).join('')}`)).toBeUndefined();
  });
});

describe('long definitions', () => {
  const options = many.map((name) => `${name} --some.password='it''s ${name}'`);

  it.each([
    ['a flow', many.join(' && ')],
    ['a split', `<${many.join(' || ')}>`],
    ['transitions', `a ${many.map((name) => `'${name}'->${name}`).join(' ')}`],
    ['options', options.join(' && ')],
  ])('of %s go through every function', (_title, dsl) => {
    const task = parseTask('task', dsl);
    expect(parseTask('task', printTask(task)).sequences).toHaveLength(1);
    expect(childDefinitions('task', task).length).toBeGreaterThanOrEqual(many.length);
    expect(executableDsl('task', task)).toContain('task-app11999');
    const graph = taskToGraph(task);
    expect(graph.nodes.length).toBeGreaterThan(many.length);
    expect(graphToText(graph)).toBe(printTask(task));
    expect(maskDsl(dsl)).not.toContain('it');
  });

  it('of sequences are read', () => {
    const dsl = `a\n${many.map((name) => `${name}: x`).join('\n')}`;
    expect(parseTask('task', dsl).sequences).toHaveLength(many.length + 1);
    expect(taskToGraph(parseTask('task', dsl)).nodes.map(({ name }) => name)).toEqual(['START', 'a', 'END']);
  });

  it('of one value are read', () => {
    const value = "''".repeat(50_000);
    expect(parseTask('task', `a --x='${value}'`).sequences[0]?.elements[0]).toMatchObject({
      options: [{ value: "'".repeat(50_000) }],
    });
  });

  it.each(['-'.repeat(100_000), 'a=' + "'".repeat(99_999), 'a --'.repeat(30_000), 'a = '.repeat(30_000)])(
    'of rubbish are refused and masked',
    (dsl) => {
      expect(problemOf(dsl)).toBeDefined();
      expect(maskDsl(dsl)).toBe(dsl);
    },
  );
});

describe('copied sequences', () => {
  it('are refused when they would be too many', () => {
    const branches = many.slice(0, 200).map((name) => `${name} 'X'->:again`);
    const sequence = many.slice(200, 400).join(' && ');
    const task = parseTask('task', `<${branches.join(' || ')}>\nagain: x && ${sequence}`);
    expect(() => taskToGraph(task)).toThrow('transitions to :again copy more than 10000 apps');
  });
});
