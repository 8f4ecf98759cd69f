/** Logs of an execution's containers, whole and followed. */
import type { LogQuery } from '../platform.js';
import type { ApiClient, Query } from './client/api-client.js';
import { hasStatus, isTransient } from './client/api-error.js';
import { backoffDelay, pause } from './client/backoff.js';
import { at, type ClusterObjects } from './cluster-objects.js';
import type { TrackedExecution } from './execution-tracker.js';
import { hasStarted, mainIsOver } from './status/pod-sight.js';
import type { PodRecord } from './status/records.js';
import { isOver } from './status/sight.js';
import { stoppable } from './stoppable.js';
import { linesOf } from './watch/line-stream.js';

/** Bytes that one container's log brings at most. */
const LOG_LIMIT = 16 * 1024 * 1024;

/** How often is looked whether there is something to follow, ms. */
const LOOK_AGAIN = 250;

const RECONNECT = { first: 250, longest: 5_000 };

export class ExecutionLogs {
  constructor(
    private readonly client: ApiClient,
    private readonly objects: ClusterObjects,
    /** How the execution stands; undefined when it is not known (any more). */
    private readonly find: (externalExecutionId: string) => Promise<TrackedExecution | undefined>,
  ) {}

  /**
   * @returns logs of all its pods and containers, one after the other as SCDF gives them, or a sentence where there is no such
   *   container; undefined when there is no pod
   */
  async read(externalExecutionId: string, query: LogQuery): Promise<string | undefined> {
    const found = await this.find(externalExecutionId);
    if (found === undefined || found.pods.length === 0) return undefined;
    const logs: string[] = [];
    for (const pod of byAge(found.pods)) {
      const names = [pod.main, ...pod.sidecars].map(({ name }) => name);
      const known = [...names, ...pod.init.map(({ name }) => name)];
      for (const name of query.container === undefined ? names : [query.container]) {
        if (known.includes(name)) logs.push((await this.#readContainer(pod.name, name, query)) ?? '');
        else logs.push(`There is no container '${name}'; the containers of the pod are: ${known.join(', ')}.\n`);
      }
    }
    return logs.join('');
  }

  /** @returns undefined when the container has no log: it never started, or it or its node is gone */
  async #readContainer(pod: string, container: string, query: LogQuery): Promise<string | undefined> {
    try {
      return await this.client.text(this.#path(pod), { ...queryOf(container, query), limitBytes: LOG_LIMIT });
    } catch (error) {
      if (hasStatus(error, 404) || hasStatus(error, 400)) return undefined;
      throw error;
    }
  }

  /**
   * The same as {@link read} as it comes, line by line, until the execution is over: its attempts one after the other, of each
   * the main container (or the one asked for), then, when that is over, what those beside it have written. It waits for the
   * container to start, and goes on after broken connections without a gap or a repetition.
   */
  follow(externalExecutionId: string, query: LogQuery): AsyncIterable<string> {
    return stoppable((signal) => this.#follow(externalExecutionId, query, signal));
  }

  async *#follow(externalExecutionId: string, query: LogQuery, signal: AbortSignal): AsyncGenerator<string, void> {
    const read = new Set<string>();
    let position = new LogPosition();
    let failures = 0;
    while (!signal.aborted) {
      const found = await this.find(externalExecutionId);
      const over = found === undefined || isOver(found.sight);
      const current = attempts(found).find(({ name }) => !read.has(name));
      if (current === undefined) {
        if (over) return;
        await pause(LOOK_AGAIN, signal);
        continue;
      }
      const complete = over || mainIsOver(current);
      try {
        const before = position.lines;
        const part = { container: query.container ?? current.main.name, follow: !complete };
        yield* this.#lines(current.name, part, query, position, signal);
        if (position.lines > before) failures = 0;
        if (complete && query.container === undefined) yield* await this.#beside(current, query);
      } catch (error) {
        const absent = hasStatus(error, 400) || hasStatus(error, 404);
        if (!absent && (!isTransient(error) || failures > 20)) throw error;
        if (!absent || !complete) {
          await pause(absent ? LOOK_AGAIN : backoffDelay(failures++, RECONNECT), signal);
          continue;
        }
      }
      if (complete) {
        read.add(current.name);
        position = new LogPosition();
      } else await pause(LOOK_AGAIN, signal);
    }
  }

  /** Not waited for: what runs beside a main container that is over is being ended. */
  async #beside(pod: PodRecord, query: LogQuery): Promise<readonly string[]> {
    const texts: string[] = [];
    for (const { name } of pod.sidecars) texts.push((await this.#readContainer(pod.name, name, query)) ?? '');
    return texts.filter((text) => text !== '');
  }

  async *#lines(
    pod: string,
    // What is over is not followed: a node that does not notice would keep the reader waiting for ever.
    { container, follow }: { readonly container: string; readonly follow: boolean },
    query: LogQuery,
    position: LogPosition,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const where: Query =
      position.last === undefined
        ? queryOf(container, query)
        : { container, previous: query.previous, sinceTime: position.last.slice(0, 19) + 'Z' };
    const asked = { ...where, follow, timestamps: true };
    const response = await this.client.stream(this.#path(pod), asked, signal);
    for await (const line of linesOf(response as AsyncIterable<Buffer>, { whole: false })) {
      const text = position.advance(line);
      if (text !== undefined) yield `${text}\n`;
    }
  }

  #path(pod: string): string {
    return `${at(this.objects.podsPath, pod)}/log`;
  }
}

/** How far a followed log has been read: the API takes whole seconds only, so lines are told apart by their own times. */
class LogPosition {
  /** Time stamp of the last line, RFC 3339 with nanoseconds. */
  last: string | undefined;
  lines = 0;

  /** @returns the line without its time stamp; undefined for one that has been read before */
  advance(line: string): string | undefined {
    const blank = line.indexOf(' ');
    const stamp = blank < 0 ? line : line.slice(0, blank);
    if (!/^\d{4}-\d\d-\d\dT/.test(stamp)) return line;
    // RFC 3339 leaves out closing zeros: compared as texts of equal length.
    if (this.last !== undefined && padded(stamp) <= padded(this.last)) return undefined;
    this.last = stamp;
    this.lines++;
    return blank < 0 ? '' : line.slice(blank + 1);
  }
}

function padded(stamp: string): string {
  return stamp.replace(/Z$/, '').padEnd(29, stamp.includes('.') ? '0' : '.000000000');
}

function queryOf(container: string, { tailLines, previous, since }: LogQuery): Query {
  return { container, tailLines, previous: previous === true ? true : undefined, sinceTime: since?.toISOString() };
}

/** Pods that have something to read, or will have it. */
function attempts(found: TrackedExecution | undefined): readonly PodRecord[] {
  return byAge((found?.pods ?? []).filter((pod) => hasStarted(pod) || pod.init.length > 0));
}

function byAge(pods: readonly PodRecord[]): readonly PodRecord[] {
  return [...pods].sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
}
