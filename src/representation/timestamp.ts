/** Writes a time as SCDF does in executions, jobs and steps: `2026-11-20T10:00:00.123+0000`, UTC, no colon in the offset. */
export function formatTimestamp(time: Date): string;
export function formatTimestamp(time: Date | null): string | null;
export function formatTimestamp(time: Date | null): string | null {
  return time === null ? null : time.toISOString().replace('Z', '+0000');
}

/** Writes the day of a job's start, `2026-11-20`; empty for a job that has not started, as SCDF does. */
export function formatDay(time: Date | null): string {
  return time === null ? '' : time.toISOString().slice(0, 10);
}

/** Writes the time of day of a job's start, `10:00:01`; empty for a job that has not started. */
export function formatTimeOfDay(time: Date | null): string {
  return time === null ? '' : time.toISOString().slice(11, 19);
}

/**
 * Writes a duration as `HH:mm:ss`.
 * SCDF wraps at 24 hours; a batch that runs for 26 hours reads `26:00:00` here.
 * @param milliseconds length; negative lengths (clocks of two machines) read as zero
 */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
