/**
 * Where a call on a running execution comes to something else than with SCDF 2.11.5 on Kubernetes, on purpose. The list is
 * complete: any other difference fails the replay, and so does an entry of which nothing differs any more.
 */
export interface RunRestDifference {
  readonly cases: readonly string[];
  readonly why: string;
  /** How the row of docs/compatibility.md begins that says so. */
  readonly row: string;
  /** Places of the answer, `body.startTime`, to what Millrace answers there, with the placeholders of the recording. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** SCDF deletes pods or jobs, Millrace leaves them: ended, or running on. */
  readonly leaves?: 'ended' | 'running';
}

/** Any time, as SCDF writes one. */
export const A_TIME = Symbol('a time');

export const runRestDifferences: readonly RunRestDifference[] = [
  {
    cases: ['runRest-execution'],
    row: '`startTime` is empty until the application reports it',
    answers: { 'body.startTime': A_TIME, 'body.taskExecutionStatus': 'RUNNING' },
    why: 'the container runs, whether its application reports that or not',
  },
  {
    cases: ['runRest-stop', 'runRest-job-stop'],
    row: 'stop and clean-up delete the pod, and its log with it',
    leaves: 'ended',
    why: 'SCDF has no way to end a pod but to delete it, with its log and its exit code',
  },
  {
    cases: ['runRest-log-after-stop', 'runRest-job-log-after-stop'],
    row: 'a log is gone with its pod',
    answers: { body: '<log text>\n' },
    why: 'the log of what was stopped is still there',
  },
  {
    cases: ['runRest-delete-definition'],
    row: 'deleting a definition deletes the pods and jobs of its executions',
    leaves: 'running',
    why: 'SCDF kills what runs, and its executions hang as UNKNOWN for ever; on the Local platform it leaves them alone',
  },
];
