import { Injectable } from '@nestjs/common';
import type { ExecutionKey } from './launch-record.js';

/** Word within this server that the end of an execution was written down. It only makes things faster; others look themselves. */
@Injectable()
export class ExecutionEnds {
  private readonly listeners: ((execution: ExecutionKey) => void)[] = [];

  /** Calls back after each end. The listener must not throw. */
  onEnded(listener: (execution: ExecutionKey) => void): void {
    this.listeners.push(listener);
  }

  /** The end is committed. */
  announce(execution: ExecutionKey): void {
    for (const listener of this.listeners) listener(execution);
  }
}
