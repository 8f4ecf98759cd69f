/**
 * What a finished step execution is measured by: name on the wire, and column of the kept statistic. Durations are ms;
 * `durationPerRead` counts executions that read something.
 */
export const MEASURES = [
  { name: 'commitCount', column: 'commit_count' },
  { name: 'rollbackCount', column: 'rollback_count' },
  { name: 'readCount', column: 'read_count' },
  { name: 'writeCount', column: 'write_count' },
  { name: 'filterCount', column: 'filter_count' },
  { name: 'readSkipCount', column: 'read_skip_count' },
  { name: 'writeSkipCount', column: 'write_skip_count' },
  { name: 'processSkipCount', column: 'process_skip_count' },
  { name: 'duration', column: 'duration' },
  { name: 'durationPerRead', column: 'duration_per_read' },
] as const;

export type Measure = (typeof MEASURES)[number]['name'];

/** What is kept of many values of one measure. */
export interface Cumulated {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
  readonly min: number;
  readonly max: number;
}

/** The history of a step: each measure over its finished executions. */
export type StepFigures = Readonly<Record<Measure, Cumulated>>;

/** Mean of the values; 0 where there are none. */
export function meanOf({ count, sum }: Cumulated): number {
  return count === 0 ? 0 : sum / count;
}

/**
 * Standard deviation of the values themselves (population, not sample), as Spring Batch Admin computes it: mean of the squares
 * less square of the mean, in this order, on which the last digits depend.
 */
export function standardDeviationOf(values: Cumulated): number {
  const { count, squares } = values;
  const mean = meanOf(values);
  return count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
}

/**
 * The name under which executions of a step are compared with each other: partitions `step:partition0`, `step:partition1`
 * … count as one step.
 */
export function comparedStepName(stepName: string): string {
  const end = stepName.indexOf(PARTITION);
  // The kept statistic has the column's length.
  return end < 0 ? stepName : `${stepName.slice(0, end + PARTITION.length)}*`.slice(0, 100);
}

const PARTITION = ':partition';

/** A step execution as far as its progress depends on it. */
export interface Progressing {
  readonly finished: boolean;
  readonly readCount: number;
  /** ms, until now for a running step. */
  readonly duration: number;
}

/**
 * How far a step is, 1 for all of it, judged by earlier executions as SCDF does: by what they read on average, else by
 * how long they took. A step that does more than its predecessors goes beyond 1.
 */
export function percentageComplete(step: Progressing, history: StepFigures): number {
  if (step.finished) return 1;
  if (history.duration.count === 0) return 0.5;
  const reads = meanOf(history.readCount);
  if (reads > 0) return step.readCount / reads;
  const duration = meanOf(history.duration);
  return duration > 0 ? step.duration / duration : 0.5;
}
