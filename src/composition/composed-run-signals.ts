import { Injectable } from '@nestjs/common';
import type { ExecutionKey } from '../launching/launch-record.js';

/**
 * Word within this server that a run of a composed task may have something to do. It only makes it quicker: what nobody
 * listens to, or another server would have had to hear, is found by the driver's own search.
 */
@Injectable()
export class ComposedRunSignals {
  private readonly listeners: ((key: ExecutionKey) => void)[] = [];

  /** Calls back at each signal; the listener must not throw. */
  onWake(listener: (key: ExecutionKey) => void): void {
    this.listeners.push(listener);
  }

  /** Something that concerns this run was committed. */
  wake(key: ExecutionKey): void {
    for (const listener of this.listeners) listener(key);
  }
}
