import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppNode, FlowElement, FlowNode, SplitNode, TaskNode, Transition } from './ast.js';
import { completeTask } from './complete.js';
import { TaskDslError } from './errors.js';
import { childDefinitions, executableDsl } from './expand.js';
import { taskApps } from './facts.js';
import { GraphLink, TaskGraph, TaskGraphError, transitionOf } from './graph.js';
import { graphToText } from './graph-to-text.js';
import { maskDsl } from './mask.js';
import { parseTask, parseText } from './parse.js';
import { printTask, quoteStatus } from './print.js';
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

// ---- Tasks ---------------------------------------------------------------------------------------------------------

const range = { start: 0, end: 0 };
const name = fc.stringMatching(/^[a-z0-9_$][a-z0-9_$-]{0,5}$/);
const optionName = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const quotedOrNot = fc.string({ unit: fc.constantFrom(...`'"'" ab*;|>=<-\n\\é😀`), maxLength: 10 });
const value = fc.oneof(quotedOrNot, fc.string({ unit: 'binary', maxLength: 5 }));
const option = fc.record({ name: optionName, value }).map((parts) => ({ ...parts, valueRange: range, range }));
const label = fc.option(name.map((text) => ({ text, range })));

const status = fc.oneof(
  fc
    .integer({ min: 0, max: 0x7fffffff })
    .map((code) => ({ text: String(code), value: String(code), quoted: false, range })),
  fc.constant({ text: '*', value: '*', quoted: false, range }),
  value.map((text) => ({ text: quoteStatus(text), value: text, quoted: true, range })),
);

const lonelyApp: fc.Arbitrary<AppNode> = fc
  .record({
    label,
    name: fc.oneof(name, fc.constantFrom('$END', '$FAIL')),
    options: fc.array(option, { maxLength: 2 }),
  })
  .map((parts) => ({ ...parts, kind: 'app', nameRange: range, transitions: [], range }));

const transition: fc.Arbitrary<Transition> = fc.record({
  status,
  target: fc.oneof(
    lonelyApp,
    name.map((text) => ({ kind: 'label' as const, label: text, range })),
  ),
  range: fc.constant(range),
});

const { flow } = fc.letrec<{ flow: FlowNode; element: FlowElement; app: AppNode; split: SplitNode }>((tie) => ({
  app: fc
    .tuple(lonelyApp, fc.array(transition, { maxLength: 2 }))
    .map(([app, transitions]) => ({ ...app, transitions })),
  split: fc
    .record({ label, branches: fc.array(tie('flow'), { minLength: 1, maxLength: 3 }) })
    .map((parts) => ({ ...parts, kind: 'split', range })),
  element: fc.oneof({ maxDepth: 3, depthSize: 'small', depthIdentifier: 'task' }, tie('app'), tie('split')),
  flow: fc
    .array(tie('element'), { minLength: 1, maxLength: 3, depthIdentifier: 'task' })
    .map((elements) => ({ kind: 'flow', elements, range })),
}));

const task: fc.Arbitrary<TaskNode> = fc.array(flow, { minLength: 1, maxLength: 2 }).map((sequences) => ({ sequences }));

/** Renames apps and removes labels, so that nothing contradicts itself. */
function withUniqueNames(original: TaskNode): TaskNode {
  let count = 0;
  const app = (node: AppNode): AppNode => ({
    ...node,
    name: `app${count++}`,
    label: null,
    transitions: node.transitions
      .filter(({ target }) => target.kind === 'app')
      .map((one) => ({ ...one, target: app(one.target as AppNode) })),
  });
  const rename = (node: FlowNode): FlowNode => ({
    ...node,
    elements: node.elements.map((element) =>
      element.kind === 'app' ? app(element) : { ...element, label: null, branches: element.branches.map(rename) },
    ),
  });
  return { sequences: original.sequences.slice(0, 1).map(rename) };
}

function withoutRanges(node: unknown): unknown {
  return JSON.parse(JSON.stringify(node, (key, inner: unknown) => (/range$/i.test(key) ? undefined : inner)));
}

// ---- Texts ---------------------------------------------------------------------------------------------------------

const { cases } = JSON.parse(readFileSync(new URL('../../test/compat/dsl-cases.json', import.meta.url), 'utf8')) as {
  cases: { dsl?: string }[];
};
const knownTexts = cases.flatMap(({ dsl }) => dsl ?? []);

const WORDS = [
  'a',
  'b',
  'c',
  'l',
  '0',
  '1',
  '$END',
  '$FAIL',
  '--',
  '->',
  '&&',
  '||',
  '<',
  '>',
  '(',
  ')',
  ':',
  ';',
  '.',
];
const OTHER = [
  '*',
  '=',
  "'",
  '"',
  "'x'",
  '--p=q',
  '--password=x',
  ' ',
  ' ',
  ' ',
  '\n',
  '\t',
  '\r',
  '\\',
  '&',
  '|',
  'é',
  '😀',
];
const wordSalad = fc.array(fc.constantFrom(...WORDS, ...OTHER), { maxLength: 25 }).map((words) => words.join(''));

/** A known text with a few pieces cut out, put in or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...knownTexts),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 }), wordSalad), { minLength: 1, maxLength: 3 }),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, [at, cut, put]) => {
      const place = at % (changed.length + 1);
      return changed.slice(0, place) + put.slice(0, 4) + changed.slice(place + cut);
    }, text),
  );

const anyText = fc.oneof(wordSalad, mutated, fc.string(), fc.string({ unit: 'binary' }));

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
    expect(withoutRanges(parseText(printTask(original)))).toEqual(withoutRanges(original));
  });

  property('gives the same text once more', anyText, (text) => {
    const parsed = tryTo(() => parseText(text), TaskDslError);
    if (parsed === null) return;
    const printed = printTask(parsed);
    expect(withoutRanges(parseText(printed))).toEqual(withoutRanges(parsed));
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
        expect(withoutRanges(parseText(`a ${at(one.range)}`))).toMatchObject({
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
