/** What a watch has brought, reduced to small records. */
import type { ObjectMeta } from '../wire.js';
import type { WatchStore } from './resource-watch.js';

/** Told after the store has changed. */
export interface StoreListener<R> {
  /** @param before undefined for a new one */
  put(record: R, before: R | undefined): void;
  dropped(record: R): void;
}

interface Entry<R> {
  readonly record: R;
  /** The round of listing in which it was last seen. */
  readonly round: number;
  /** `metadata.resourceVersion` of the state that the record was made of. */
  readonly version: string | undefined;
}

export class RecordStore<T extends { readonly metadata: ObjectMeta }, R> implements WatchStore<T> {
  readonly #entries = new Map<string, Entry<R>>();
  #round = 0;

  constructor(
    private readonly reduce: (object: T) => R,
    private readonly listener: StoreListener<R>,
  ) {}

  get(name: string): R | undefined {
    return this.#entries.get(name)?.record;
  }

  *values(): Iterable<R> {
    for (const { record } of this.#entries.values()) yield record;
  }

  beginList(): void {
    this.#round++;
  }

  /**
   * Also for what was heard otherwise, as the answer to a creation: it survives a list that was taken before it. Such an answer
   * may come behind the watch's word of what has become of the object since; then it is not news.
   */
  put(object: T): void {
    const { name, resourceVersion: version } = object.metadata;
    const known = this.#entries.get(name);
    if (known !== undefined && isOlder(version, known.version)) {
      this.#entries.set(name, { ...known, round: this.#round });
      return;
    }
    const record = this.reduce(object);
    this.#entries.set(name, { record, round: this.#round, version });
    this.listener.put(record, known?.record);
  }

  /** The last state is often the most telling one: it is put before it is dropped. */
  drop(object: T): void {
    this.put(object);
    this.#remove(object.metadata.name);
  }

  endList(): void {
    for (const [name, { round }] of this.#entries) if (round < this.#round) this.#remove(name);
  }

  #remove(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.listener.dropped(entry.record);
  }
}

/**
 * Whether one state of an object came before another. The API server counts versions up; two of one kind of object can be
 * compared as numbers (Kubernetes API concepts, resource versions). What is no number is taken for news.
 */
function isOlder(version: string | undefined, known: string | undefined): boolean {
  const number = /^[1-9][0-9]*$/;
  if (version === undefined || known === undefined || !number.test(version) || !number.test(known)) return false;
  return version.length === known.length ? version < known : version.length < known.length;
}
