/**
 * Where Millrace answers differently from what was recorded, on purpose. The list is complete: any other difference fails
 * the replay. It is not longer than needed either: an entry that no answer uses any more fails it too.
 */
export interface Difference {
  readonly exchanges: readonly number[];
  readonly why: string;
  /**
   * The status that takes the place of the recorded one. From 400 on, the body is an error of the same shape as SCDF's,
   * with a message of its own; below, `paths` says what else differs.
   */
  readonly status?: number;
  /** Places of the answer that differ: `contentType`, `body.page.size`; `*` is one part of a path, `**` any number. */
  readonly paths?: readonly string[];
}

const mistakeOfTheClient = 'SCDF answers 500 for a mistake of the client; Millrace says that it is one';

export const differences: readonly Difference[] = [
  // Mistakes of a client
  { exchanges: [47], status: 405, why: mistakeOfTheClient },
  {
    exchanges: [57, 59, 64, 67, 82, 110, 112, 113, 125, 127, 129, 130, 133, 142, 146],
    status: 400,
    why: mistakeOfTheClient,
  },
  { exchanges: [202, 212, 214, 239, 270, 271, 297, 304, 344, 446, 455], status: 400, why: mistakeOfTheClient },
  { exchanges: [205], status: 415, why: mistakeOfTheClient },
  { exchanges: [274, 287, 503], status: 404, why: mistakeOfTheClient },
  { exchanges: [437, 438, 439, 441], status: 400, why: mistakeOfTheClient },

  // Faults of SCDF
  {
    exchanges: [156],
    status: 200,
    paths: ['body.**'],
    why: 'the filter by DSL text fails in SCDF on PostgreSQL; here it works as it does there on H2',
  },
  {
    exchanges: [164],
    status: 200,
    paths: ['body.**'],
    why: 'the validation of a composed task with labels ends in a null pointer in SCDF; here it validates the apps',
  },
  {
    exchanges: [23, 308, 309, 311],
    paths: ['body._links.self.href'],
    why: 'the link carries the text of a list of links in SCDF; here it leads to the resource',
  },
  {
    exchanges: [322, 323, 337, 353, 392, 393, 400],
    paths: [
      'body.**.jobExecutions.*.startDate',
      'body.**.jobExecutions.*.startTime',
      'body.**.jobExecutions.*.duration',
      'body.**.jobExecutions.*.stepExecutionCount',
      'body.**.jobExecutions.*.stoppable',
      'body.**.jobExecutions.*.restartable',
      'body.**.jobExecutions.*.jobExecution.**',
    ],
    why: 'SCDF reads the job executions of an instance without most of their columns; here they are complete',
  },
  {
    exchanges: [234],
    paths: ['body.arguments'],
    why: 'the arguments are written with the accepted launch, not by the application when it starts',
  },
  {
    exchanges: [244],
    paths: ['contentType'],
    why: 'logs are UTF-8',
  },
];

/** The rule for the links of job executions: a difference that concerns every exchange with such a link. */
export const jobLinksDifference =
  'the links of a job execution carry the id of the task execution or of the job instance in SCDF, here their own';

export function differencesOf(number: number): readonly Difference[] {
  return differences.filter((difference) => difference.exchanges.includes(number));
}

/** Where the real server, put together from Maven Central and run on PostgreSQL, differs from its own recordings. */
const peerDifferences: readonly Difference[] = [
  {
    exchanges: [30],
    paths: ['body'],
    why: 'the options come from the jar of the composed-task runner, which is not there',
  },
];

export function peerDifferencesOf(number: number): readonly Difference[] {
  return peerDifferences.filter((difference) => difference.exchanges.includes(number));
}
