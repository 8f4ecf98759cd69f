/** A cap on requests in flight: an account must not flood its API server, nor one burst of launches starve the rest. */
export class RequestSlots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param size requests in flight at once */
  constructor(size: number) {
    this.free = size;
  }

  /** Does the work once there is room, in order of asking. */
  async with<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
