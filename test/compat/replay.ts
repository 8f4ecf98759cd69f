import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange as send, getJson } from '../support/http.js';
import type { WireAnswer } from '../support/http.js';
import { compareBodies } from './compare.js';
import type { Mismatch } from './compare.js';
import type { ComposedRuns } from './composed-runs.js';
import type { Exchange, UnrecordedStep } from './exchanges.js';
import type { Identities, IdSpace } from './identities.js';
import { isBehind } from './progress.js';

export interface ReplayOptions {
  readonly baseUrl: string;
  readonly identities: Identities;
  readonly composedRuns: ComposedRuns;
  readonly steps: readonly ReplayStep[];
  /** Whether there are applications to launch; without them, unrecorded launches and waits are left out. */
  readonly applications: boolean;
  readonly jobLinks: 'recorded' | 'meant';
}

/** What happens before an exchange, beside what the recording lists: waiting for a number of job executions. */
export interface ReplayStep extends UnrecordedStep {
  readonly waitForJobs?: { readonly taskExecution: number; readonly count: number };
}

/** An answer and where it is not the recorded one. */
export interface Outcome {
  readonly answer: WireAnswer;
  readonly mismatches: readonly Mismatch[];
}

/** How long the replay waits for an execution after the last launch, stop or restart, ms. */
const patience = 90_000;

/** Exchanges that show a state that passes quickly, or what it was when it was stopped. */
const transient = new Set([234, 235, 372, 373, 374, 375, 376, 377, 379, 380, 410, 411, 412]);

/** Launches that are not waited for: looked at while they run, stopped on the way, composed, or unable to start. */
const notAwaited = new Set([233, 276, 371, 408, 409, 410, 417, 418, 419, 433, 517, 520]);

/** Sends the recorded requests, in order, to a server, and compares its answers with the recorded ones. */
export class Replay {
  private readonly options: ReplayOptions;
  private readonly steps: ReplayStep[];
  private patientUntil = 0;
  private meantLinks = 0;

  constructor(options: ReplayOptions) {
    this.options = options;
    this.steps = [...options.steps].sort((one, other) => one.before - other.before);
  }

  /**
   * Sends one request, with what has to happen before it. A request that only reads is sent again as long as the answer
   * shows an earlier state than the recorded one and something that was launched can still be on its way.
   *
   * @param patient false for an answer whose state is not going to be the recorded one
   * @throws Error if the server does not answer at all
   */
  async play(exchange: Exchange, patient = true): Promise<Outcome> {
    await this.takeStepsBefore(exchange.number);
    await this.learnExternalId(exchange.request.path);
    await this.learnRuns(exchange);
    let answer = await this.send(exchange);
    while (patient && this.isWorthWaiting(exchange, answer)) {
      await sleep(200);
      await this.learnRuns(exchange);
      answer = await this.send(exchange);
    }
    await this.learnRuns(exchange);
    if (exchange.request.method !== 'GET' && answer.status < 300) {
      this.patientUntil = Date.now() + patience;
    }
    const mismatches = this.compare(exchange, answer);
    await this.awaitEndOfLaunch(exchange, answer);
    return { answer, mismatches };
  }

  /** How many links of job executions were expected with the id that they should have had in the recording. */
  numberOfMeantLinks(): number {
    return this.meantLinks;
  }

  private isWorthWaiting(exchange: Exchange, answer: WireAnswer): boolean {
    const { request, response } = exchange;
    if (request.method !== 'GET' || response.status !== 200 || Date.now() > this.patientUntil) {
      return false;
    }
    // An error of a resource, which may come to be; not the one of a path that nothing listens on.
    const notThereYet = answer.status === 404 && answer.text.includes('"_embedded"');
    const { composedRuns, identities } = this.options;
    const pair = (recorded: readonly unknown[], actual: readonly unknown[], field: string) =>
      composedRuns.pair(recorded, actual, field, identities);
    return notThereYet || (answer.status === 200 && isBehind(response.body, answer.body, pair));
  }

  private compare(exchange: Exchange, answer: WireAnswer): Mismatch[] {
    const { request, response } = exchange;
    const mismatches: Mismatch[] = [];
    if (answer.status !== response.status) {
      mismatches.push({ path: 'status', expected: String(response.status), actual: String(answer.status) });
    }
    const [expected, actual] = [response.contentType, answer.contentType].map(normalizeMediaType);
    if (expected !== actual) {
      mismatches.push({ path: 'contentType', expected: expected ?? '', actual: actual ?? '' });
    }
    const bodies = compareBodies(response.body, answer.body, {
      identities: this.options.identities,
      schemaTarget: schemaTargetOf(request.query),
      transient: transient.has(exchange.number),
      sorted: /(^|&)sort=/.test(request.query ?? ''),
      jobLinks: this.options.jobLinks,
      composedRuns: this.options.composedRuns,
      requestIds: this.idsOf(request.path, request.query),
      onMeantLink: () => (this.meantLinks += 1),
    });
    return [...mismatches, ...bodies];
  }

  private send(exchange: Exchange): Promise<WireAnswer> {
    const { method, path, query, headers, body } = exchange.request;
    const { identities, baseUrl } = this.options;
    const target = query === null ? '' : `?${identities.translateEncoded(this.translateIdsOfQuery(query))}`;
    return send(baseUrl, {
      method,
      target: this.translatePath(path, query) + target,
      headers,
      body: body === null ? undefined : identities.translateEncoded(body),
    });
  }

  private async takeStepsBefore(number: number): Promise<void> {
    for (let step = this.steps[0]; step !== undefined && step.before <= number; step = this.steps[0]) {
      this.steps.shift();
      await this.take(step);
    }
  }

  private async take(step: ReplayStep): Promise<void> {
    const { identities, baseUrl, applications } = this.options;
    if (step.file !== undefined) {
      await writeFile(identities.translate(step.file), identities.translate(step.content ?? ''));
    }
    if (step.request !== undefined && (applications || step.request.path !== '/tasks/executions/launch')) {
      const { method, path, headers, body } = step.request;
      await send(baseUrl, {
        method,
        target: path,
        headers,
        body: body === undefined ? undefined : identities.translateEncoded(body),
      });
      this.patientUntil = Date.now() + patience;
    }
    if (!applications) {
      return;
    }
    if (step.waitStarted !== undefined) {
      await this.until(`/tasks/thinexecutions?name=${step.waitStarted}`, (body) =>
        /"startTime":"/.test(JSON.stringify(body)),
      );
    }
    if (step.waitForJobs !== undefined) {
      const { taskExecution, count } = step.waitForJobs;
      const id = identities.idOf('task:boot2', taskExecution);
      await this.until(`/tasks/executions/${id}`, (body) => {
        const jobs = (body as { jobExecutionIds?: unknown[] } | null)?.jobExecutionIds;
        return (jobs?.length ?? 0) >= count;
      });
    }
  }

  /** The recording waited for most launches to end before it went on; so the order of starts is that of the launches. */
  private async awaitEndOfLaunch(exchange: Exchange, answer: WireAnswer): Promise<void> {
    const { method, path } = exchange.request;
    const isLaunch = method === 'POST' && /^\/tasks\/executions(\/launch)?$/.test(path) && answer.status === 201;
    if (!isLaunch || notAwaited.has(exchange.number)) {
      return;
    }
    const launched = answer.body as { executionId?: number; schemaTarget?: string } | number;
    const id = typeof launched === 'number' ? launched : launched.executionId;
    const target = typeof launched === 'number' ? 'boot2' : (launched.schemaTarget ?? 'boot2');
    await this.until(`/tasks/executions/${id}?schemaTarget=${target}`, (body) =>
      /"endTime":"/.test(JSON.stringify(body)),
    );
  }

  /** Reads a resource until it is as it should be, or until it is pointless to wait any longer. */
  private async until(target: string, isReached: (body: unknown) => boolean): Promise<void> {
    while (Date.now() < this.patientUntil && !isReached((await getJson(this.options.baseUrl, target)).body)) {
      await sleep(200);
    }
  }

  /** An external execution id that no answer has shown yet is that of the last execution of its task. */
  private async learnExternalId(path: string): Promise<void> {
    const named = /^\/tasks\/logs\/((.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(path);
    if (named?.[1] === undefined || named[2] === undefined || this.options.identities.knowsName(named[1])) {
      return;
    }
    const query = `name=${named[2]}&size=1&sort=TASK_EXECUTION_ID,DESC`;
    const { body } = await getJson(this.options.baseUrl, `/tasks/executions?${query}`);
    const id = /"externalExecutionId":"([^"]+)"/.exec(JSON.stringify(body))?.[1];
    this.options.identities.sameName(named[1], id ?? '');
  }

  private async learnRuns({ number }: Exchange): Promise<void> {
    const { composedRuns, baseUrl, identities } = this.options;
    await composedRuns.learn(number, baseUrl, identities);
  }

  private translatePath(path: string, query: string | null): string {
    const target = schemaTargetOf(query);
    const list = (space: IdSpace, ids: string) =>
      ids
        .split(',')
        .map((id) => this.idOf(space, id))
        .join(',');
    return this.options.identities
      .translate(path)
      .replace(/(?<=^\/tasks\/executions\/)[\d,]+$/, (ids) => list(`task:${target}`, ids))
      .replace(/(?<=^\/jobs\/executions\/\d+\/steps\/)\d+/, (id) => this.idOf(`step:${target}`, id))
      .replace(/(?<=^\/jobs\/executions\/)\d+/, (id) => this.idOf(`job-execution:${target}`, id))
      .replace(/(?<=^\/jobs\/instances\/)\d+/, (id) => this.idOf(`job-instance:${target}`, id))
      .replace(/(?<=^\/audit-records\/)\d+/, (id) => this.idOf('audit', id));
  }

  private translateIdsOfQuery(query: string): string {
    const target = schemaTargetOf(query);
    return query
      .replace(/(taskExecutionId=)(\d+)/, (_, name: string, id: string) => name + this.idOf(`task:${target}`, id))
      .replace(
        /(jobInstanceId=)(\d+)/,
        (_, name: string, id: string) => name + this.idOf(`job-instance:${target}`, id),
      );
  }

  /** The ids in a request's path, as recorded, with this server's ids: error messages name them. */
  private idsOf(path: string, query: string | null): Map<string, string> {
    const recorded = path.match(/(?<=\/)[\d,]+(?=\/|$)/g) ?? [];
    const actual = this.translatePath(path, query).match(/(?<=\/)[\d,]+(?=\/|$)/g) ?? [];
    return new Map(
      recorded.flatMap((ids, index) => {
        const translated = actual[index]?.split(',') ?? [];
        return ids.split(',').map((id, position) => [id, translated[position] ?? id] as const);
      }),
    );
  }

  /** Ids far beyond all that there is stand for something unknown, here as there. */
  private idOf(space: IdSpace, recorded: string): string {
    return recorded.startsWith('9999') ? recorded : String(this.options.identities.idOf(space, Number(recorded)));
  }
}

/** Case and blanks mean nothing in a media type. */
function normalizeMediaType(contentType: string | null): string {
  return contentType?.toLowerCase().replaceAll(' ', '') ?? 'none';
}

function schemaTargetOf(query: string | null): string {
  const target = new URLSearchParams(query ?? '').get('schemaTarget');
  return target === 'boot3' ? 'boot3' : 'boot2';
}
