import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { AppNode, FlowElement, FlowNode, SplitNode, TaskNode, Transition } from '../../src/dsl/ast.js';
import { quoteStatus } from '../../src/dsl/print.js';

// Random tasks and texts for the tests of src/dsl.

// ---- Tasks ---------------------------------------------------------------------------------------------------------

const range = { start: 0, end: 0 };
const name = fc.stringMatching(/^[a-z0-9_$][a-z0-9_$-]{0,5}$/);
const optionName = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const anyUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));
const quotedOrNot = fc.string({ unit: fc.constantFrom(...`'"'" ab*;|>=<-\n\\é😀`), maxLength: 10 });
const value = fc.oneof(quotedOrNot, fc.string({ unit: anyUnit, maxLength: 5 }));
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
  element: fc.oneof({ maxDepth: 4 }, { arbitrary: tie('app'), weight: 3 }, { arbitrary: tie('split'), weight: 1 }),
  flow: fc.array(tie('element'), { minLength: 1, maxLength: 3 }).map((elements) => ({ kind: 'flow', elements, range })),
}));

/** Tasks with any names, options, labels and transitions. Their ranges mean nothing. */
export const task: fc.Arbitrary<TaskNode> = fc
  .array(flow, { minLength: 1, maxLength: 2 })
  .map((sequences) => ({ sequences }));

/** Renames apps and removes labels, so that nothing contradicts itself. */
export function withUniqueNames(original: TaskNode): TaskNode {
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

/** What a task says, wherever it stands in its text. */
export function contentOf(task: TaskNode): string {
  return JSON.stringify(task, (key, inner: unknown) => {
    if (key === 'range' || key.endsWith('Range')) return undefined;
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

// ---- Texts ---------------------------------------------------------------------------------------------------------

const { cases } = JSON.parse(readFileSync(new URL('dsl-cases.json', import.meta.url), 'utf8')) as {
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

/** Texts that are definitions, nearly so, or nothing of the kind. */
export const anyText = fc.oneof(wordSalad, mutated, fc.string(), fc.string({ unit: anyUnit }));
