import { Injectable } from '@nestjs/common';
import type { ExecutionKey } from './launch-record.js';

/** An execution whose end this server has written down. */
export interface EndedExecution {
  readonly key: ExecutionKey;
  /** The execution that asked for it: a run of a composed task; null for all others. */
  readonly parent: ExecutionKey | null;
}

/** Word of each end within this server: those who write ends tell those who wait for them. */
@Injectable()
export class ExecutionEnds {
  private readonly listeners: ((end: EndedExecution) => void)[] = [];

  /** Calls back at each end, after it was committed. */
  onEnd(listener: (end: EndedExecution) => void): void {
    this.listeners.push(listener);
  }

  /** An end was written down. */
  announce(end: EndedExecution): void {
    for (const listener of this.listeners) listener(end);
  }
}
