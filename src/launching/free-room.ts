import { Injectable } from '@nestjs/common';

/** Word that an account may have room for a launch that waits: those who make room tell those who fill it. */
@Injectable()
export class FreeRoom {
  private readonly listeners: (() => void)[] = [];

  /** Calls back at each announcement. */
  onAnnounced(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** An execution ended, a launch was withdrawn or refused, or the queue was changed. */
  announce(): void {
    for (const listener of this.listeners) listener();
  }
}
