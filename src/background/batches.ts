interface Waiting<Item, Outcome> {
  readonly item: Item;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** How {@link Batches} work. */
export interface BatchesOptions<Item, Outcome> {
  /** Items of one batch at most. */
  readonly size: number;
  /** Does all of them together, or throws and has done none. @returns the outcomes in the order of the items */
  readonly work: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** Whether an error may be due to one item alone: each is then done for itself, so that the others do not suffer from it. */
  readonly mayBeOneItem: (error: unknown) => boolean;
  /** ms that a batch waits for company, for work that nobody waits for; 0 if missing. */
  readonly linger?: number;
}

/**
 * Work that costs as much for many as for one, as a transaction that is flushed to disk: what arrives while a batch is
 * under way makes the next one. Nobody waits for company: an item that comes alone is done at once.
 */
export class Batches<Item, Outcome> {
  private waiting: Waiting<Item, Outcome>[] = [];
  private running = false;

  constructor(private readonly options: BatchesOptions<Item, Outcome>) {}

  /** @throws what the work throws */
  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.running) return;
      this.running = true;
      // What arrives in the same turn of the event loop belongs together.
      if (this.options.linger === undefined) setImmediate(() => void this.run());
      else setTimeout(() => void this.run(), this.options.linger);
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, this.options.size);
      this.waiting = this.waiting.slice(this.options.size);
      await this.settle(batch);
    }
    this.running = false;
  }

  private async settle(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.options.work(batch.map(({ item }) => item));
      if (outcomes.length !== batch.length) throw new Error('a batch has another number of outcomes than of items');
      for (const [index, outcome] of outcomes.entries()) batch[index]?.resolve(outcome);
    } catch (error) {
      if (batch.length === 1 || !this.options.mayBeOneItem(error)) for (const one of batch) one.reject(error);
      else for (const one of batch) await this.settle([one]);
    }
  }
}
