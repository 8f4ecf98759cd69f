import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText, contentOf, task, withUniqueNames } from '../../test/compat/dsl-arbitraries.js';
import { AppNode, FlowNode } from './ast.js';
import { completeTask } from './complete.js';
import { TaskDslError } from './errors.js';
import { childDefinitions, executableDsl } from './expand.js';
import { taskApps } from './facts.js';
import { GraphLink, TaskGraph, TaskGraphError, transitionOf } from './graph.js';
import { graphToText } from './graph-to-text.js';
import { maskDsl } from './mask.js';
import { parseTask, parseText } from './parse.js';
import { printTask } from './print.js';
import { MASK } from './secrets.js';
import { taskToGraph } from './task-to-graph.js';

/** How many inputs each property is tried with; FUZZ_RUNS=1000000 for a long run. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 2_000);

/** How long a property may take in all: enough for a million runs. */
const timeout = 3_600_000;

function property<T>(name: string, inputs: fc.Arbitrary<T>, holds: (input: T) => void | Promise<void>): void {
  it(
    name,
    () =>
      fc.assert(
        fc.asyncProperty(inputs, async (input) => holds(input)),
        { numRuns },
      ),
    timeout,
  );
}

function tryTo<T>(make: () => T, expectedError: abstract new (...parts: never[]) => Error): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof expectedError) return null;
    throw error;
  }
}

/** What a graph says, whatever its ids: the links between its nodes, by the names of the nodes, past SYNC. */
function linksOf({ nodes, links }: TaskGraph): string[] {
  const names = new Map(nodes.map((node) => [node.id, `${node.name} ${JSON.stringify(node.properties)}`]));
  const isSync = new Set(nodes.filter((node) => node.name === 'SYNC').map((node) => node.id));
  const ends = (link: GraphLink): GraphLink[] =>
    isSync.has(link.to) ? links.filter((next) => next.from === link.to).flatMap(ends) : [link];
  return links
    .filter((link) => !isSync.has(link.from))
    .flatMap((link) =>
      ends(link).map(({ to }) => [names.get(link.from), transitionOf(link), names.get(to)].join(' -> ')),
    )
    .sort();
}

describe('printing', () => {
  property('is undone by parsing', task, (original) => {
    expect(contentOf(parseText(printTask(original)))).toBe(contentOf(original));
  });

  property('gives the same text once more', anyText, (text) => {
    const parsed = tryTo(() => parseText(text), TaskDslError);
    if (parsed === null) return;
    const printed = printTask(parsed);
    expect(contentOf(parseText(printed))).toBe(contentOf(parsed));
    expect(printTask(parseText(printed))).toBe(printed);
  });
});

describe('parsing', () => {
  property('refuses bad text with a problem that lies in it', anyText, (text) => {
    try {
      parseTask('task', text);
    } catch (error) {
      if (!(error instanceof TaskDslError)) throw error;
      for (const { position, message, number } of error.problems) {
        expect(position).toBeGreaterThanOrEqual(0);
        expect(position).toBeLessThanOrEqual(text.length);
        expect(message.startsWith(`${number}E:(pos ${position}): `)).toBe(true);
      }
    }
  });

  property('finds the apps and options where their ranges say', anyText, (text) => {
    const parsed = tryTo(() => parseText(text), TaskDslError);
    const at = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
    const check = (app: AppNode): void => {
      expect(at(app.nameRange)).toBe(app.name);
      if (app.label !== null) expect(at(app.label.range)).toBe(app.label.text);
      for (const one of app.options)
        expect(parseText(`a ${at(one.range)}`)).toMatchObject({
          sequences: [{ elements: [{ options: [{ name: one.name, value: one.value }] }] }],
        });
    };
    const visit = (node: FlowNode): void => {
      for (const element of node.elements) {
        if (element.kind === 'split') {
          expect(at(element.range)).toMatch(/<[^]*>$/);
          element.branches.forEach(visit);
        } else {
          check(element);
          for (const { target } of element.transitions) if (target.kind === 'app') check(target);
        }
      }
    };
    parsed?.sequences.forEach(visit);
  });
});

describe('expanding', () => {
  property('gives child definitions with the same options, and a text of references to them', anyText, (text) => {
    const parsed = tryTo(() => parseTask('task', text), TaskDslError);
    if (parsed === null) return;
    const apps = taskApps('task', parsed).filter(({ endState }) => !endState);
    const children = childDefinitions('task', parsed);
    expect(children.map(({ name: child }) => child)).toEqual(apps.map(({ childName }) => childName));
    children.forEach(({ name: child, dsl }, index) => {
      const [app] = taskApps(child, parseTask(child, dsl));
      expect([app?.name, app?.label, app?.options]).toEqual([
        apps[index]?.name,
        apps[index]?.label,
        apps[index]?.options,
      ]);
    });
    parseTask('composed-task-runner', executableDsl('task', parsed), { appMode: false });
  });
});

describe('masking', () => {
  const secret = fc.stringMatching(/^[a-z0-9]{12}$/).map((text) => `S3cr3t${text}`);

  property('hides secrets and keeps all else', fc.tuple(task, secret), ([original, hidden]) => {
    const withSecret = printTask(original, (one) => (/x/.test(one.name) ? hidden : one.value));
    const masked = maskDsl(`secret --my.password=${hidden}\nl: ${withSecret}`);
    expect(masked.startsWith(`secret --my.password='${MASK}'\n`)).toBe(true);
    expect(maskDsl(masked)).toBe(masked);
  });

  property('hides secrets in broken text and in what is said about it', fc.tuple(secret, anyText), ([hidden, rest]) => {
    for (const written of [hidden, `'${hidden} ${hidden}'`, `"${hidden}"`]) {
      const text = `a --db.password=${written} ${rest}`;
      expect(maskDsl(text)).not.toContain(hidden);
      try {
        parseTask('task', text);
      } catch (error) {
        expect((error as Error).message).not.toContain(hidden);
      }
    }
  });
});

describe('graphs', () => {
  property('of a task say the same after a way through text', task.map(withUniqueNames), (original) => {
    const graph = taskToGraph(original);
    const unquoted = JSON.stringify(graph).includes(`:"'`);
    const back = taskToGraph(parseTask('task', graphToText(graph)));
    if (!unquoted) expect(linksOf(back)).toEqual(linksOf(graph));
  });

  property('of any valid text can be written as a valid text, or are refused', anyText, (text) => {
    const parsed = tryTo(() => parseTask('task', text), TaskDslError);
    const graph = parsed === null ? null : tryTo(() => taskToGraph(parsed), TaskGraphError);
    const written = graph === null ? null : tryTo(() => graphToText(graph), TaskGraphError);
    if (written !== null) parseTask('task', written);
  });

  const id = fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7');
  const anyGraph = fc.record({
    nodes: fc
      .array(fc.constantFrom('a', 'b', 'c', 'SYNC', '$END', 'FAIL', 'START', 'END'), { maxLength: 6 })
      .map((names) => ['START', ...names, 'END'].map((nodeName, index) => ({ id: String(index), name: nodeName }))),
    links: fc.array(
      fc.record({
        from: id,
        to: id,
        properties: fc.option(fc.record({ transitionName: fc.option(fc.constantFrom('0', '*', 'X')) })),
      }),
      { maxLength: 12 },
    ),
  });

  property('of any shape are written or refused', anyGraph, (graph) => {
    const text = tryTo(() => graphToText(graph), TaskGraphError);
    if (text !== null && text !== '') tryTo(() => parseTask('task', text), TaskDslError);
  });
});

describe('completion', () => {
  property('proposes texts that go on with what is there', anyText, async (text) => {
    const proposals = await completeTask(text, 2, {
      taskAppNames: async () => ['a', 'ab', 'b'],
      optionsOf: async () =>
        ['p', 'password'].map((short) => ({
          id: `x.${short}`,
          name: short,
          visible: true,
          type: 'java.lang.Boolean',
          shortDescription: null,
          values: [],
          closed: false,
        })),
    });
    for (const proposal of proposals)
      expect(proposal.text.startsWith(text.replace(/\s*-{0,2}[^\s-]*$/, ''))).toBe(true);
  });
});
