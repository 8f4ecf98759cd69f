import { lockKeyOf } from './lock-key.js';
import { type LockOwner, OWN_CLIENT } from './task-lock.sql.js';

/** `spring.cloud.task.single-instance-enabled` and what belongs to it. Times are in milliseconds. */
export interface SingleInstance {
  /** A lock that was not renewed for so long has expired, whoever holds it. */
  readonly ttl: number;
  /** Between two looks at a lock that somebody holds. */
  readonly checkInterval: number;
}

/** Spring Cloud Task's defaults: no run is renewed so rarely. */
const TTL = 0x7fffffff;
const CHECK_INTERVAL = 500;

/** How options are read; what is wrong with them is told there. */
interface OptionsSource {
  readonly flag: (name: string) => boolean;
  readonly integer: (name: string, least: number) => number | null;
}

/** @returns null if runs of the task may overlap */
export function singleInstanceOf({ flag, integer }: OptionsSource): SingleInstance | null {
  const enabled = flag('spring.cloud.task.single-instance-enabled');
  const ttl = integer('spring.cloud.task.single-instance-lock-ttl', 0) ?? TTL;
  const checkInterval = integer('spring.cloud.task.single-instance-lock-check-interval', 0) ?? CHECK_INTERVAL;
  return enabled ? { ttl, checkInterval } : null;
}

/** The lock of a task, with an execution as its holder. */
export function ownerOf(taskName: string, executionId: number): LockOwner {
  return { key: lockKeyOf(taskName), clientId: OWN_CLIENT + executionId };
}
