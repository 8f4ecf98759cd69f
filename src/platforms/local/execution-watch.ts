/** Notices the end of executions whose processes are not children of this server: a look at their directories now and then. */

/** ms between two looks. */
const INTERVAL = 500;

/** Looks at each watched execution until `look` says that nothing can change any more. */
export class ExecutionWatch {
  readonly #watched = new Set<string>();
  readonly #look: (externalExecutionId: string) => Promise<boolean>;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param look returns whether the execution has ended; it reports by itself */
  constructor(look: (externalExecutionId: string) => Promise<boolean>) {
    this.#look = look;
  }

  add(externalExecutionId: string): void {
    if (this.#closed) return;
    this.#watched.add(externalExecutionId);
    this.#schedule();
  }

  remove(externalExecutionId: string): void {
    this.#watched.delete(externalExecutionId);
  }

  /** Stops looking; resolves when a round that is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watched.clear();
    clearTimeout(this.#timer);
    await this.#round;
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#watched.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#lookAtAll().finally(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    }, INTERVAL);
    this.#timer.unref();
  }

  async #lookAtAll(): Promise<void> {
    for (const id of [...this.#watched]) {
      if (this.#watched.has(id) && (await this.#look(id))) this.#watched.delete(id);
    }
  }
}
