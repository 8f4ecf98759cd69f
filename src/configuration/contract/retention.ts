/** `millrace.retention.*`: which ended executions are removed by and by. */
export interface RetentionConfiguration {
  /** Whether the server does it by itself; the policy can be tried and run by hand all the same. */
  readonly enabled: boolean;
  /** ms between two runs. */
  readonly interval: number;
  readonly dryRun: boolean;
  /** Whether what is left on platforms goes with the rows. */
  readonly cleanUp: boolean;
  readonly rules: RetentionRules;
  /** By name of the task, what differs from the rules of all. */
  readonly tasks: Readonly<Record<string, RetentionRules>>;
}

/** When executions of a task are removed. Ages are ms since the end. */
export interface RetentionRules {
  /** false: never. */
  readonly removes: boolean;
  readonly maxAge: number | undefined;
  readonly maxPerTask: number | undefined;
  readonly statuses: readonly ('COMPLETE' | 'ERROR')[];
  /** For failed ones in place of both limits. */
  readonly failedMaxAge: number | undefined;
  readonly keepLast: boolean;
  readonly keepLastFailed: boolean;
}
