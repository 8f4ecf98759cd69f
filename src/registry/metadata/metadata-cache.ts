import { LruMap } from '../../collections/lru-map.js';
import { messageOf } from '../../resources/system-error.js';
import type { AppMetadata } from './app-metadata.js';
import type { MetadataSnapshot } from './metadata-source.js';

/** How the cache asks, and how long it remembers; times in ms. */
export interface MetadataCacheOptions {
  readonly lookAt: (uri: string) => Promise<MetadataSnapshot>;
  /** How long an answer about this uri stays good. */
  readonly freshFor: (uri: string) => number;
  /** How long a failure is not tried again, unless the answer would not even stay good so long. */
  readonly failureFor: number;
  /** Called when a uri fails, and again only when it fails for another reason. */
  readonly onFailure: (uri: string, reason: string) => void;
  /** A clock that never goes back, ms. */
  readonly now: () => number;
}

/** What is remembered of a uri. A failed one keeps the last metadata that it had. */
interface Entry {
  readonly checkedAt: number;
  /** undefined when the uri could not even be looked at. */
  readonly stamp: unknown;
  readonly visible: AppMetadata | undefined;
  /** Message of the failure, if the last attempt was one. */
  readonly failure: string | undefined;
}

interface Answer {
  readonly visible: AppMetadata | undefined;
  readonly exhaustive: AppMetadata | undefined;
}

/** Apps whose visible properties are remembered: some kilobytes each. */
const VISIBLE_CAPACITY = 1_000;
/** Apps of which everything is remembered: about 2 MB each for a Spring Boot application. */
const EXHAUSTIVE_CAPACITY = 24;

/**
 * Remembers the metadata behind uris, with bounds. Callers that ask for one uri at the same time share one answer. When a
 * uri that has been read cannot be read again, its last metadata stays in use.
 */
export class MetadataCache {
  private readonly entries = new LruMap<string, Entry>(VISIBLE_CAPACITY);
  private readonly exhaustives = new LruMap<string, { readonly stamp: unknown; readonly metadata: AppMetadata }>(
    EXHAUSTIVE_CAPACITY,
  );
  private readonly running = new Map<string, Promise<Answer>>();

  constructor(private readonly options: MetadataCacheOptions) {}

  /** @returns undefined when there is nothing to be had */
  async visible(uri: string): Promise<AppMetadata | undefined> {
    return (await this.answer(uri, false)).visible;
  }

  /** @returns undefined when there is nothing to be had */
  async exhaustive(uri: string): Promise<AppMetadata | undefined> {
    const { visible, exhaustive } = await this.answer(uri, true);
    return exhaustive ?? visible;
  }

  private async answer(uri: string, everything: boolean): Promise<Answer> {
    const known = this.entries.get(uri);
    if (known !== undefined && this.isFresh(uri, known) && this.suffices(uri, known, everything)) {
      return this.remembered(uri, known);
    }
    const key = `${everything} ${uri}`;
    const running = this.running.get(key) ?? this.read(uri, known, everything);
    this.running.set(key, running);
    try {
      return await running;
    } finally {
      this.running.delete(key);
    }
  }

  private remembered(uri: string, { visible }: Entry): Answer {
    return { visible, exhaustive: this.exhaustives.get(uri)?.metadata };
  }

  private isFresh(uri: string, { checkedAt, failure }: Entry): boolean {
    const { freshFor, failureFor, now } = this.options;
    const limit = freshFor(uri);
    return now() - checkedAt < (failure === undefined ? limit : Math.min(limit, failureFor));
  }

  /** Whether all that is asked for is still here; of a failed one there is no more to be had. */
  private suffices(uri: string, { failure, stamp }: Entry, everything: boolean): boolean {
    return !everything || failure !== undefined || this.exhaustives.get(uri)?.stamp === stamp;
  }

  private async read(uri: string, known: Entry | undefined, everything: boolean): Promise<Answer> {
    const { lookAt, now } = this.options;
    let stamp: unknown;
    try {
      const snapshot = await lookAt(uri);
      ({ stamp } = snapshot);
      if (known?.stamp === stamp && known !== undefined && this.suffices(uri, known, everything)) {
        this.entries.set(uri, { ...known, checkedAt: now() });
        return this.remembered(uri, known);
      }
      const { visible, exhaustive } = await snapshot.load();
      this.exhaustives.set(uri, { stamp, metadata: exhaustive });
      this.entries.set(uri, { checkedAt: now(), stamp, visible, failure: undefined });
      return { visible, exhaustive };
    } catch (error) {
      const failed = { checkedAt: now(), stamp, visible: known?.visible, failure: messageOf(error) };
      if (failed.failure !== known?.failure) this.options.onFailure(uri, failed.failure);
      this.entries.set(uri, failed);
      return this.remembered(uri, failed);
    }
  }
}
