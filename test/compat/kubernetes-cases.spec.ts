import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { InvalidLaunchRequestError } from '../../src/platforms/platform.js';
import { DomainError } from '../../src/representation/domain-error.js';
import { ANY, type KubernetesDifference, kubernetesDifferences } from './kubernetes-differences.js';
import { compareObjects, valueAt } from './kubernetes-objects.js';
import { KubernetesReplay, type LaunchCase, type Replayed } from './kubernetes-replay.js';
import { runRestDifferences } from './run-rest-differences.js';

const file = new URL('./kubernetes-cases.json', import.meta.url);
const cases = (JSON.parse(readFileSync(file, 'utf8')) as { cases: LaunchCase[] }).cases.filter(
  ({ kind }) => kind === 'launch',
);

function differenceOf({ id }: LaunchCase): KubernetesDifference | undefined {
  return kubernetesDifferences.find((difference) => difference.cases.includes(id));
}

/** Cases of one task build on each other, so all are made in their order before any is looked at. */
async function replayAll(): Promise<Map<string, Replayed | Error>> {
  const replay = new KubernetesReplay();
  const outcomes = new Map<string, Replayed | Error>();
  for (const launch of cases) {
    if (differenceOf(launch)?.elsewhere !== undefined) continue;
    const outcome = await replay.launch(launch).catch((error: unknown) => error as Error);
    outcomes.set(launch.id, outcome);
  }
  return outcomes;
}

const outcomes = await replayAll();

describe('launches recorded with SCDF on Kubernetes', () => {
  it('are all there', () => {
    expect(cases).toHaveLength(452);
    const listed = kubernetesDifferences.flatMap((difference) => difference.cases);
    expect(listed).toEqual([...new Set(listed)]);
    expect(listed.filter((id) => !cases.some((launch) => launch.id === id))).toEqual([]);
  });

  it('differ in nothing but what docs/compatibility.md says', () => {
    const documented = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8').split('\n');
    const without = [...kubernetesDifferences, ...runRestDifferences].filter(
      ({ row }) => !documented.some((line) => line.replace(/^\| /, '').startsWith(row)),
    );
    expect(without.map(({ cases: [first], row }) => `${first}: ${row}`)).toEqual([]);
  });

  it('are tested where they are decided, if that is not here', () => {
    const places = kubernetesDifferences.flatMap(({ elsewhere = [] }) => elsewhere);
    expect(places.length).toBeGreaterThan(0);
    const missing = places.filter((place) => {
      const [, path = '', title = ''] = /^(\S+): (.+)$/.exec(place) ?? [];
      return !readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').includes(`'${title}'`);
    });
    expect(missing).toEqual([]);
  });

  it.each(
    cases
      .filter((launch) => differenceOf(launch)?.elsewhere === undefined)
      .map((launch) => [launch.id, launch] as const),
  )('%s', (id, launch) => {
    const outcome = outcomes.get(id);
    const difference = differenceOf(launch);
    if (outcome instanceof Error) expectRefusal(launch, outcome, difference);
    else expectObject(launch, outcome!, difference);
  });
});

function expectRefusal(launch: LaunchCase, error: Error, difference: KubernetesDifference | undefined): void {
  // Anything else would be a fault of the server, not the client's mistake.
  if (!(error instanceof InvalidLaunchRequestError) && !(error instanceof DomainError)) throw error;
  expect(error.message.trim()).not.toBe('');
  if (launch.status >= 400) {
    // SCDF refuses it too, with a 500: the fitting status is no difference that needs an entry of its own.
    expect(difference).toBeUndefined();
  } else {
    expect(difference?.refused ?? 'no difference is listed').not.toBe('');
    expect(error.message).toContain(difference?.refused ?? 'no difference is listed');
  }
}

function expectObject(launch: LaunchCase, made: Replayed, difference: KubernetesDifference | undefined): void {
  const body = made.object.body;
  expect(made.object.kind).toBe(body.kind);
  const recorded = launch.object ?? launch.rejected;
  if (launch.status >= 400) expect(difference?.accepted).toBe(true);
  else expect([difference?.accepted, difference?.refused]).toEqual([undefined, undefined]);
  const expected = Object.entries(difference?.made ?? {});
  for (const [path, value] of expected) {
    if (value !== ANY && !path.endsWith('**')) expect(valueAt(body, path)).toEqual(matching(value));
  }
  if (recorded === undefined || recorded === null) return;
  const mismatches = compareObjects(recorded, body, made.request);
  const unexplained = mismatches.filter(({ path }) => !expected.some(([pattern]) => covers(pattern, path)));
  expect(unexplained).toEqual([]);
  const unused = expected.filter(([pattern]) => !mismatches.some(({ path }) => covers(pattern, path)));
  expect(unused.map(([pattern]) => pattern)).toEqual([]);
}

/** {@link ANY} may stand within a value too. */
function matching(value: unknown): unknown {
  if (value === ANY) return expect.anything();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, matching(item)]);
  return expect.objectContaining(Object.fromEntries(entries) as Record<string, unknown>);
}

function covers(pattern: string, path: string): boolean {
  return pattern.endsWith('**') ? path.startsWith(pattern.slice(0, -2)) : pattern === path;
}
