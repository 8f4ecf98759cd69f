/** One list and watch of one resource: keeps a store equal to what the API server has, through every kind of trouble. */
import type { IncomingMessage } from 'node:http';
import type { ApiClient } from '../client/api-client.js';
import { ApiError, ConnectionError, isGone } from '../client/api-error.js';
import { backoffDelay, pause } from '../client/backoff.js';
import type { ObjectList, ObjectMeta } from '../wire.js';
import { linesOf } from './line-stream.js';

/** Where the objects go. All calls of one round of listing come between `beginList` and `endList`. */
export interface WatchStore<T> {
  beginList(): void;
  /** An object as it is now. */
  put(object: T): void;
  /** An object that is no more; its last state. */
  drop(object: T): void;
  /** The list is complete: what it did not have is no more. */
  endList(): void;
}

/** Times of a watch, ms. */
export interface WatchTiming {
  /** A list is read anew this often, jittered, and compared: a net below lost events. */
  readonly relist: number;
  /** A watch that is silent for so long is given up and begun anew; the API server sends a bookmark every minute or so. */
  readonly idle: number;
  readonly backoff: { readonly first: number; readonly longest: number };
}

export const WATCH_TIMING: WatchTiming = { relist: 300_000, idle: 90_000, backoff: { first: 300, longest: 30_000 } };

/** Objects in one page of a list. */
const PAGE = 500;

/** Which objects are watched. */
export interface WatchTarget {
  /** `/api/v1/namespaces/<ns>/pods` */
  readonly path: string;
  readonly labelSelector: string;
}

interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/**
 * Lists in pages, watches from there with bookmarks, resumes where a watch ended, lists anew when the API server has
 * forgotten that point (410) and every few minutes anyway, and waits longer and longer, jittered, after every kind of failure.
 */
export class ResourceWatch<T extends { readonly metadata: ObjectMeta }> {
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #firstTry: PromiseWithResolversLike | undefined;
  #synced = false;
  #problem: unknown;

  constructor(
    private readonly client: ApiClient,
    private readonly target: WatchTarget,
    private readonly store: WatchStore<T>,
    private readonly timing: WatchTiming = WATCH_TIMING,
  ) {}

  /** Whether the store has once been complete. */
  get synced(): boolean {
    return this.#synced;
  }

  /** What the last try failed with; undefined while all is well. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Begins. @returns a promise of the first list's end, good or bad */
  start(): Promise<void> {
    this.#firstTry = withResolvers();
    this.#running = this.#run();
    return this.#firstTry.promise;
  }

  /** Ends the watch; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#firstTry?.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    let version: string | undefined;
    let relistAt = 0;
    while (!signal.aborted) {
      try {
        if (version === undefined || performance.now() >= relistAt) {
          version = await this.#list();
          this.#synced = true;
          relistAt = performance.now() + this.timing.relist * (0.9 + Math.random() * 0.2);
        }
        this.#firstTry?.resolve();
        this.#problem = undefined;
        const begun = performance.now();
        version = await this.#watch(version, relistAt - begun);
        // An end that comes at once, again and again, is trouble as well, even if it is a polite one.
        failures = performance.now() - begun > this.timing.backoff.first ? 0 : failures + 1;
        if (failures > 0) await pause(backoffDelay(failures - 1, this.timing.backoff), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof WatchEnd) version = error.version;
        const cause = error instanceof WatchEnd ? error.cause : error;
        if (isGone(cause)) version = undefined;
        this.#problem = cause;
        this.#firstTry?.resolve();
        failures = error instanceof WatchEnd && error.lasted > this.timing.backoff.longest / 4 ? 1 : failures + 1;
        const asked = cause instanceof ApiError ? cause.retryAfter : undefined;
        await pause(asked ?? backoffDelay(failures - 1, this.timing.backoff), signal);
      }
    }
  }

  /** @returns the version from which to watch */
  async #list(): Promise<string> {
    const { path, labelSelector } = this.target;
    this.store.beginList();
    let token: string | undefined;
    let version: string | undefined;
    do {
      const query = { labelSelector, limit: PAGE, continue: token };
      const page: ObjectList<T> = await this.client.get(path, query);
      if (this.#closing.signal.aborted) throw new ConnectionError('CLOSED', 'closed');
      for (const object of page.items ?? []) this.store.put(object);
      token = page.metadata?.continue;
      // The first page fixes the moment of the list; later pages show the same one.
      version ??= page.metadata?.resourceVersion;
    } while (token !== undefined && token !== '');
    this.store.endList();
    if (version === undefined) throw new ConnectionError('ANSWER', 'the list has no resourceVersion');
    return version;
  }

  /**
   * @param duration ms after which the API server shall end the watch
   * @returns the version from which to go on, after an end in order
   * @throws WatchEnd with that version and the reason for any other end
   */
  async #watch(from: string, duration: number): Promise<string> {
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.#closing.signal]);
    const begun = performance.now();
    let version = from;
    let watchdog: NodeJS.Timeout | undefined;
    try {
      const response = await this.#open(from, duration, signal);
      watchdog = setTimeout(() => end.abort(), this.timing.idle);
      const onBytes = () => {
        watchdog?.refresh();
      };
      onBytes();
      for await (const line of linesOf(response as AsyncIterable<Buffer>, { whole: true, onBytes })) {
        version = this.#take(line) ?? version;
      }
      return version;
    } catch (error) {
      if (end.signal.aborted) return version;
      throw new WatchEnd(version, performance.now() - begun, error);
    } finally {
      clearTimeout(watchdog);
      end.abort();
    }
  }

  #open(from: string, duration: number, signal: AbortSignal): Promise<IncomingMessage> {
    const { path, labelSelector } = this.target;
    const timeoutSeconds = Math.max(1, Math.ceil(duration / 1000));
    const query = { labelSelector, watch: 1, allowWatchBookmarks: true, resourceVersion: from, timeoutSeconds };
    return this.client.stream(path, query, signal);
  }

  /** @returns the version that this event brought. @throws ApiError for an ERROR event, 410 above all */
  #take(line: string): string | undefined {
    if (line.trim() === '') return undefined;
    const event = parseEvent(line);
    if (event.type === 'ERROR') throw errorOf(event.object);
    const object = event.object as T;
    if (event.type === 'ADDED' || event.type === 'MODIFIED') this.store.put(object);
    else if (event.type === 'DELETED') this.store.drop(object);
    return object.metadata.resourceVersion;
  }
}

/** Carries out of a watch how far it got. */
class WatchEnd extends Error {
  constructor(
    readonly version: string,
    /** How long it went well, ms. */
    readonly lasted: number,
    cause: unknown,
  ) {
    super('watch ended', { cause });
  }
}

function parseEvent(line: string): WatchEvent {
  try {
    const event = JSON.parse(line) as Partial<WatchEvent>;
    if (typeof event.type === 'string' && typeof event.object === 'object' && event.object !== null) {
      return { type: event.type, object: event.object };
    }
  } catch {
    // said below
  }
  throw new ConnectionError('ANSWER', 'the watch brought something that is no event');
}

function errorOf(status: unknown): ApiError {
  const { code, reason, message } = status as { code?: number; reason?: string; message?: string };
  return new ApiError(code ?? 500, reason ?? '', message ?? 'the watch ended with an error');
}

interface PromiseWithResolversLike {
  readonly promise: Promise<void>;
  resolve(): void;
}

function withResolvers(): PromiseWithResolversLike {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
