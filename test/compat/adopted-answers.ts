import { exchange } from '../support/http.js';
import { compareBodies } from './compare.js';
import { SameDatabase } from './identities.js';
import { matchesAny } from './verdict.js';

/** What a server answers about everything that a database holds: GET targets with status and body. */
export type Answers = ReadonlyMap<string, { readonly status: number; readonly body: unknown }>;

/** Where another server answers otherwise about the same rows, on purpose. */
export interface AdoptionDifference {
  readonly targets: RegExp;
  /** As in differences.ts: `body.**.name`, or `status`. */
  readonly paths: readonly string[];
  readonly why: string;
}

interface Named {
  readonly name: string;
}

interface Numbered {
  readonly executionId: number;
  readonly schemaTarget: string;
}

const ALL = 'page=0&size=1000';

/**
 * Asks a server for every app, definition, execution, manifest, audit record, job execution, job instance and step that
 * it knows, in lists and one by one. The lists decide what is asked for one by one.
 */
export async function readEverything(baseUrl: string): Promise<Answers> {
  const answers = new Map<string, { status: number; body: unknown }>();
  const ask = async (target: string): Promise<unknown> => {
    const answer = await exchange(baseUrl, { method: 'GET', target, headers: { Accept: 'application/json' } });
    answers.set(target, { status: answer.status, body: answer.body });
    return answer.body;
  };
  await readApps(ask);
  await readDefinitions(ask);
  await readExecutions(ask);
  await readJobs(ask);
  const audit = await ask(`/audit-records?${ALL}&sort=id,asc`);
  for (const { auditRecordId } of elements<{ auditRecordId: number }>(audit)) {
    await ask(`/audit-records/${auditRecordId}`);
  }
  for (const target of ['/schema/versions', '/schema/targets', '/tasks/platforms', '/tasks/executions/current']) {
    await ask(target);
  }
  return answers;
}

type Ask = (target: string) => Promise<unknown>;

async function readApps(ask: Ask): Promise<void> {
  const apps = elements<Named & { version: string }>(await ask(`/apps?${ALL}&sort=name,asc&sort=version,asc`));
  for (const name of new Set(apps.map((app) => app.name))) await ask(`/apps/task/${name}?exhaustive=true`);
  for (const { name, version } of apps) await ask(`/apps/task/${name}/${version}`);
  await ask('/apps?defaultVersion=true&sort=name,asc');
}

async function readDefinitions(ask: Ask): Promise<void> {
  const list = await ask(`/tasks/definitions?${ALL}&sort=taskName,asc`);
  await ask(`/tasks/definitions?${ALL}&sort=taskName,asc&manifest=true`);
  for (const { name } of elements<Named>(list)) {
    await ask(`/tasks/definitions/${name}`);
    await ask(`/tasks/definitions/${name}?manifest=true`);
    await ask(`/tasks/executions?name=${name}&${ALL}`);
    await ask(`/tasks/thinexecutions?name=${name}&${ALL}`);
  }
}

async function readExecutions(ask: Ask): Promise<void> {
  const list = await ask(`/tasks/executions?${ALL}`);
  await ask(`/tasks/thinexecutions?${ALL}`);
  await ask(`/tasks/executions?${ALL}&sort=TASK_EXECUTION_ID,desc&sort=SCHEMA_TARGET,asc`);
  await ask('/tasks/info/executions');
  await ask('/tasks/info/executions?completed=true');
  for (const { executionId, schemaTarget } of elements<Numbered>(list)) {
    await ask(`/tasks/executions/${executionId}?schemaTarget=${schemaTarget}`);
  }
  for (const { externalExecutionId, platformName } of elements<Record<string, string | null>>(list)) {
    if (externalExecutionId && platformName) {
      await ask(`/tasks/executions/external/${externalExecutionId}?platform=${platformName}`);
    }
  }
}

async function readJobs(ask: Ask): Promise<void> {
  const list = await ask(`/jobs/executions?${ALL}`);
  await ask(`/jobs/thinexecutions?${ALL}`);
  for (const status of ['COMPLETED', 'FAILED', 'STOPPED', 'STARTED']) {
    await ask(`/jobs/executions?status=${status}&${ALL}`);
  }
  const jobs = elements<Numbered & { name: string; jobId: number; taskExecutionId: number }>(list);
  for (const name of new Set(jobs.map((job) => job.name))) {
    await ask(`/jobs/executions?name=${name}&${ALL}`);
    await ask(`/jobs/instances?name=${name}&${ALL}`);
  }
  for (const { executionId, schemaTarget, jobId, taskExecutionId } of jobs) {
    await ask(`/jobs/executions/${executionId}?schemaTarget=${schemaTarget}`);
    await ask(`/jobs/instances/${jobId}?schemaTarget=${schemaTarget}`);
    await ask(`/jobs/thinexecutions?taskExecutionId=${taskExecutionId}&schemaTarget=${schemaTarget}`);
    const steps = await ask(`/jobs/executions/${executionId}/steps?schemaTarget=${schemaTarget}`);
    for (const { stepExecution } of elements<{ stepExecution: { id: number } }>(steps)) {
      const step = `/jobs/executions/${executionId}/steps/${stepExecution.id}`;
      await ask(`${step}?schemaTarget=${schemaTarget}`);
      await ask(`${step}/progress?schemaTarget=${schemaTarget}`);
    }
  }
}

/** Executions of both generations may have the same number; which of them is first in a list is left to chance. */
function settleTies(body: unknown): unknown {
  const list = elements<Partial<Numbered>>(body);
  if (list.some(({ executionId }) => executionId === undefined)) return body;
  const settled = [...list].sort((one, other) =>
    one.executionId === other.executionId ? `${one.schemaTarget}`.localeCompare(`${other.schemaTarget}`) : 0,
  );
  const [relation] = Object.keys((body as { _embedded?: object } | null)?._embedded ?? {});
  return relation === undefined ? body : { ...(body as object), _embedded: { [relation]: settled } };
}

/** The elements of a list resource, whatever their relation is called; none of anything else. */
export function elements<Element>(body: unknown): readonly Element[] {
  const embedded = (body as { _embedded?: Record<string, Element[]> } | null)?._embedded;
  return Object.values(embedded ?? {})[0] ?? [];
}

/**
 * Compares what two servers answered about one database; everything has to be equal but the address.
 *
 * @returns one line for each place that no difference explains, and for each difference that explains nothing
 */
export function problemsBetween(
  expected: { readonly baseUrl: string; readonly answers: Answers },
  actual: { readonly baseUrl: string; readonly answers: Answers },
  differences: readonly AdoptionDifference[],
): string[] {
  const identities = new SameDatabase([{ recorded: expected.baseUrl, actual: actual.baseUrl }]);
  const used = new Set<AdoptionDifference>();
  const problems: string[] = [];
  for (const target of new Set([...expected.answers.keys(), ...actual.answers.keys()])) {
    const [wanted, found] = [expected.answers.get(target), actual.answers.get(target)];
    if (wanted === undefined || found === undefined) {
      problems.push(`${target}: ${wanted === undefined ? 'not asked for at first' : 'no longer asked for'}`);
      continue;
    }
    const mismatches = compareBodies(settleTies(wanted.body), settleTies(found.body), {
      identities,
      schemaTarget: new URLSearchParams(target.split('?')[1]).get('schemaTarget') ?? 'boot2',
      transient: false,
      sorted: target.includes('sort='),
      jobLinks: 'meant',
      requestIds: new Map(),
      sameRows: true,
    });
    if (wanted.status !== found.status) {
      mismatches.unshift({ path: 'status', expected: String(wanted.status), actual: String(found.status) });
    }
    const known = differences.filter(({ targets }) => targets.test(target));
    for (const mismatch of mismatches) {
      const explanation = known.find(({ paths }) => matchesAny(mismatch.path, paths));
      if (explanation === undefined) {
        problems.push(`${target} ${mismatch.path}: expected ${mismatch.expected}, got ${mismatch.actual}`);
      } else {
        used.add(explanation);
      }
    }
  }
  const unused = differences.filter((difference) => !used.has(difference));
  return [
    ...problems,
    ...unused.map(({ why, targets }) => `the listed difference is none: ${why} (${targets.source})`),
  ];
}
