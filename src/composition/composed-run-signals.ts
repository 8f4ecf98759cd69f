import { Injectable } from '@nestjs/common';
import type { ExecutionKey } from '../launching/launch-record.js';

/** Word that a run of a composed task may have something to do: those who change it tell those who drive it. */
@Injectable()
export class ComposedRunSignals {
  private readonly listeners: ((key: ExecutionKey) => void)[] = [];

  /** Calls back for each run that is to be looked at. */
  onWake(listener: (key: ExecutionKey) => void): void {
    this.listeners.push(listener);
  }

  /** A run was begun, or asked to stop. Call it after the commit. */
  wake(key: ExecutionKey): void {
    for (const listener of this.listeners) listener(key);
  }
}
