import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CatalogueOption, CompletionCatalogue, completeTask } from './complete.js';
import { TaskDslError, TaskSyntaxError } from './errors.js';
import { childDefinitions, executableDsl } from './expand.js';
import { isComposed, taskApps } from './facts.js';
import { TaskGraph } from './graph.js';
import { graphToText } from './graph-to-text.js';
import { readTokens } from './grammar.js';
import { maskDsl } from './mask.js';
import { parseTask } from './parse.js';
import { printApp, printTask, quoteValue } from './print.js';
import { maskArgument } from './secrets.js';
import { taskToGraph } from './task-to-graph.js';

// What Spring Cloud Data Flow 2.11.5 makes of each text is in test/compat/dsl-cases.json; where and why we do otherwise is in
// dsl-deviations.json beside it.

interface ExpectedProblem {
  readonly code: string;
  readonly number: number;
  readonly message: string;
  readonly position: number;
  readonly phase?: 'tokenizer' | 'parser' | 'validation';
  readonly untilCheckpoint?: string;
}

/** The fields of a case that a test compares; each can be replaced by a deviation. */
interface Facts {
  readonly error?: ExpectedProblem;
  readonly errors?: readonly ExpectedProblem[];
  readonly exceptionMessage?: string;
  readonly composed?: boolean;
  readonly apps?: readonly { readonly childName: string }[];
  readonly ast?: string;
  readonly executable?: string;
  readonly graph?: TaskGraph | null;
  readonly roundtrip?: string | null;
  readonly sanitized?: string;
  readonly children?: readonly { readonly name: string }[];
  readonly tokens?: readonly string[];
  readonly expected?: string | readonly string[];
  readonly autoQuoted?: string;
}

interface Case extends Facts {
  readonly id: string;
  readonly kind: 'parse' | 'graphToText' | 'sanitize' | 'writeOption' | 'complete';
  readonly valid?: boolean;
  readonly name: string;
  readonly dsl: string;
  readonly appMode?: boolean;
  readonly graphIn: TaskGraph;
  readonly argument: string;
  readonly key: string;
  readonly value: string;
  readonly start: string;
  readonly detailLevel: number;
}

interface Deviation {
  readonly reason: string;
  readonly field: keyof Facts;
  readonly cases: Readonly<Record<string, unknown>>;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../test/compat/${file}`, import.meta.url), 'utf8'));
}

const cases = (readJson('dsl-cases.json') as { cases: Case[] }).cases;
const deviations = readJson('dsl-deviations.json') as Deviation[];

/** The case with our own answers in the place of the ones that we do not give. */
function adjusted(original: Case): Case {
  const ours = deviations
    .filter(({ cases: ids }) => original.id in ids)
    .map(({ field, cases: ids }) => [field, ids[original.id]]);
  return { ...original, ...(Object.fromEntries(ours) as Partial<Facts>) };
}

function casesOf(kind: Case['kind'], valid?: boolean): [string, Case][] {
  return cases
    .filter((one) => one.kind === kind && (valid === undefined || one.valid === valid))
    .map((one) => [
      `${one.id} ${JSON.stringify(one.dsl ?? one.argument ?? one.value ?? one.start ?? '')}`,
      adjusted(one),
    ]);
}

function parseCase({ name, dsl, appMode = true }: Case): ReturnType<typeof parseTask> {
  return parseTask(name, dsl, { appMode });
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

describe('definitions that are accepted', () => {
  it.each(casesOf('parse', true))('%s', (_title, expected) => {
    const { name, dsl } = expected;
    const task = parseCase(expected);
    expect(isComposed(task)).toBe(expected.composed);
    expect(
      taskApps(name, task).map((app) => ({
        name: app.name,
        ...(app.label === null ? {} : { label: app.label }),
        properties: Object.fromEntries(app.options),
        childName: app.childName,
      })),
    ).toEqual(expected.apps);
    expect(printTask(task)).toBe(expected.ast);
    expect(executableDsl(name, task)).toBe(expected.executable);
    if (expected.sanitized !== undefined) expect(maskDsl(dsl)).toBe(expected.sanitized);
    if (expected.children !== undefined) {
      const children = childDefinitions(name, task);
      expect(children.map((child) => ({ ...child, appName: undefined, registeredAppName: child.appName }))).toEqual(
        expected.children,
      );
    }
  });
});

describe('definitions as graphs', () => {
  it.each(casesOf('parse', true))('%s', (_title, expected) => {
    const task = parseCase(expected);
    if (expected.graph === null) {
      expect(() => taskToGraph(task)).toThrow('Out of flow transition?');
      return;
    }
    const graph = taskToGraph(task);
    expect(graph).toEqual(expected.graph);
    expect(graph.nodes.map(({ properties }) => Object.keys(properties ?? {}))).toEqual(
      expected.graph?.nodes.map(({ properties }) => Object.keys(properties ?? {})),
    );
    expect(graphToText(graph)).toBe(expected.roundtrip);
  });
});

describe('definitions that are refused', () => {
  const LOGREFS = {
    tokenizer: 'ParseException',
    parser: 'CheckPointedParseException',
    validation: 'TaskValidationException',
  };

  it.each(casesOf('parse', false))('%s', (_title, expected) => {
    const error = errorOf(() => parseCase(expected));
    if (!(error instanceof TaskDslError)) throw error;
    const problems = error.problems.map(({ code, number, message, position }) => ({ code, number, message, position }));
    const { phase = 'parser', untilCheckpoint, ...problem } = expected.error as ExpectedProblem;
    expect(problems).toEqual(expected.errors ?? [problem]);
    expect(error.message).toBe(expected.exceptionMessage);
    expect(error.hint).not.toBe('');
    expect(error.logref).toBe(problem.code === 'ILLEGAL_TASK_NAME' ? 'ParseException' : LOGREFS[phase]);
    if (error instanceof TaskSyntaxError) expect(error.textUntilCheckpoint).toBe(untilCheckpoint);
  });
});

describe('words of a definition', () => {
  const withTokens = casesOf('parse').filter(([, { tokens }]) => tokens !== undefined);

  it.each(withTokens)('%s', (_title, expected) => {
    const tokens = readTokens(expected.dsl).map(({ kind, text, start, end }) => {
      const shown = kind === 'IDENTIFIER' ? `${kind}:${text}` : `${kind}(${text})`;
      return `[${shown}](${start},${end})`;
    });
    expect(tokens).toEqual(expected.tokens);
  });
});

describe('graphs as definitions', () => {
  it.each(casesOf('graphToText', true))('%s', (_title, expected) => {
    expect(graphToText(expected.graphIn)).toBe(expected.roundtrip);
  });

  it.each(casesOf('graphToText', false))('%s', (_title, expected) => {
    expect(() => graphToText(expected.graphIn)).toThrow(expected.error?.message);
  });
});

describe('masked arguments', () => {
  it.each(casesOf('sanitize'))('%s', (_title, { argument, expected }) => {
    expect(maskArgument(argument)).toBe(expected);
  });
});

describe('written options', () => {
  it.each(casesOf('writeOption'))('%s', (_title, { key, value, autoQuoted, expected }) => {
    expect(quoteValue(value)).toBe(autoQuoted);
    expect(printApp({ name: 'foo', options: [{ name: key, value }] })).toBe(expected);
  });
});

describe('completion', () => {
  const { completionApps } = readJson('dsl-cases.json') as {
    completionApps: Record<string, { properties: [id: string, description: string, type: string][] }>;
  };
  const catalogue: CompletionCatalogue = {
    taskAppNames: async () => Object.keys(completionApps),
    optionsOf: async (app) =>
      (completionApps[app]?.properties ?? []).map(([id, shortDescription, type]): CatalogueOption => ({
        id,
        name: id.slice(id.lastIndexOf('.') + 1),
        visible: true,
        type,
        shortDescription,
        values: [],
        closed: false,
      })),
  };

  it.each(casesOf('complete'))('%s', async (_title, { start, detailLevel, expected }) => {
    const proposals = await completeTask(start, detailLevel, catalogue);
    expect(proposals.map(({ text }) => text)).toEqual(expected);
  });
});

describe('the list of deviations', () => {
  const rows = deviations.flatMap(({ field, cases: ids }) =>
    Object.entries(ids).map(([id, ours]): [string, keyof Facts, unknown] => [id, field, ours]),
  );

  it.each(rows)('%s %s differs from what Spring Cloud Data Flow gives', (id, field, ours) => {
    const original = cases.find((one) => one.id === id);
    expect(original).toBeDefined();
    expect(JSON.stringify(original?.[field] ?? null)).not.toBe(JSON.stringify(ours));
  });
});
