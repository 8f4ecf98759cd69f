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

  /** Also for what was heard otherwise, as the answer to a creation: it survives a list that was taken before it. */
  put(object: T): void {
    const { name } = object.metadata;
    const before = this.#entries.get(name)?.record;
    const record = this.reduce(object);
    this.#entries.set(name, { record, round: this.#round });
    this.listener.put(record, before);
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
