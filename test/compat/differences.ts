import { composedDifferences } from './composed-differences.js';

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
  /** Set where the difference depends on chance, so that its absence proves nothing. */
  readonly sometimes?: true;
  /** Set where waiting for the recorded state is in vain. */
  readonly unreachable?: true;
}

/** The group from 532 on was recorded with H2, which nobody runs in production: here it is replayed on PostgreSQL. */
const recordedWithH2: Difference = {
  exchanges: [538, 539],
  paths: [
    'body.**.appProperties.spring.datasource.driverClassName',
    'body.**.appProperties.spring.datasource.password',
  ],
  why: 'tasks are handed the data source of the server',
};

const mistakeOfTheClient = 'SCDF answers 500 for a mistake of the client; Millrace says that it is one';

export const differences: readonly Difference[] = [
  recordedWithH2,

  // Mistakes of a client
  { exchanges: [47], status: 405, why: mistakeOfTheClient },
  {
    exchanges: [
      57, 59, 64, 67, 82, 110, 112, 113, 125, 127, 129, 130, 133, 142, 146, 202, 212, 214, 270, 271, 297, 304,
    ],
    status: 400,
    why: mistakeOfTheClient,
  },
  { exchanges: [344, 437, 438, 439, 441, 446, 455], status: 400, why: mistakeOfTheClient },
  { exchanges: [239, 274, 287, 503], status: 404, why: mistakeOfTheClient },
  { exchanges: [205], status: 415, why: mistakeOfTheClient },
  {
    exchanges: [268, 522],
    paths: ['body._embedded.errors.0.message', 'body._embedded.errors.0.logref'],
    why: 'SCDF takes a launch without a name for a stop and complains of a number; here the missing name is named',
  },
  {
    exchanges: [476, 477],
    paths: ['body._embedded.errors.0.message'],
    why: 'SCDF names the schema target as null when the request names none; here the one that was looked in',
  },

  {
    exchanges: [198, 199, 200],
    paths: ['body.errors.*.hint'],
    why: 'a problem of a definition comes with a hint what to do about it',
  },
  {
    exchanges: [204, 206, 213],
    paths: ['body._embedded.errors.0.message'],
    why: 'SCDF names Java classes and its JSON parser; here the sentence is about the body',
  },

  // What a server says about itself
  {
    exchanges: [6, 526, 542, 547],
    paths: ['body.versionInfo.dashboard.*', 'body.versionInfo.shell.*'],
    why: 'dashboard and shell are those of Millrace',
  },

  {
    exchanges: [30],
    paths: ['body.*.description', 'body.*.shortDescription'],
    why: 'an option of composed tasks is described by what it means where the server runs them itself',
  },

  // Apps and definitions
  {
    exchanges: [108, 115],
    paths: ['body._embedded.appRegistrationResourceList.*.defaultVersion'],
    why: 'SCDF answers a forced import with a flag that is not the stored one; here it is',
  },
  {
    exchanges: [123, 148, 154, 307],
    paths: ['body.dslText', 'body._embedded.taskDefinitionResourceList.*.dslText'],
    why: 'masking secrets changes the order of the properties in SCDF; here it is kept',
  },
  {
    exchanges: [143],
    status: 200,
    paths: ['body.**'],
    why: 'SCDF refuses $FAIL and $END on creation, although its graph tools and its runner know them; here they are allowed',
  },
  {
    exchanges: [148, 149, 151, 158],
    paths: ['body.page.*', 'body._links.last.href'],
    why: 'the definition of 143 and its two children are there',
  },
  {
    exchanges: [149],
    paths: ['body._embedded.taskDefinitionResourceList.*.composedTaskElement'],
    why: 'SCDF finds the children of a composed task only if the parent is on the same page; here they are found anyway',
  },
  {
    exchanges: [151],
    paths: ['body._embedded.taskDefinitionResourceList.**'],
    why: 'SCDF sorts by the number of a large object on PostgreSQL; here by the text',
  },
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

  // Executions
  {
    exchanges: [234, 334],
    paths: ['body.**.startTime', 'body.**.taskExecutionStatus', 'body.**.arguments'],
    sometimes: true,
    why: 'an execution runs from the start of its process on, not only from the moment when the application says so',
  },
  {
    exchanges: [244],
    paths: ['contentType'],
    why: 'logs are UTF-8',
  },
  {
    exchanges: [469],
    paths: ['body'],
    why: 'a log is gone with the files or the pod in SCDF; here it stays until the execution is removed',
  },
  {
    exchanges: [23, 308, 309, 311],
    paths: ['body._links.self.href'],
    why: 'the link carries the text of a list of links in SCDF; here it leads to the resource',
  },
  {
    exchanges: [452],
    paths: ['body._embedded.auditRecordResourceList.17.**', 'body._embedded.auditRecordResourceList.18.**'],
    why: 'an import registers the apps in the order of its lines, not of a hash table',
  },
  {
    exchanges: [518, 521],
    paths: ['startTime', 'endTime', 'exitCode', 'exitMessage', 'errorMessage', 'taskExecutionStatus'].map(
      (field) => `body._embedded.taskExecutionResourceList.*.${field}`,
    ),
    why: 'a launch that cannot start stays UNKNOWN for ever in SCDF; here it ends with the reason',
  },
  {
    exchanges: [527],
    paths: [
      'body._embedded.taskDefinitionResourceList.*.lastTaskExecution',
      'body._embedded.taskDefinitionResourceList.*.status',
    ],
    why: 'a launch that cannot start stays UNKNOWN for ever in SCDF; here it ends with the reason',
  },

  ...composedDifferences,

  // Jobs
  {
    exchanges: [335],
    paths: ['body.exitCode', 'body.errorMessage', 'body.taskExecutionStatus', 'body.arguments', 'body.arguments.**'],
    why: 'SCDF restarts all jobs of the application, of which the second is complete and fails the run; here the failed one alone',
  },
  {
    exchanges: [376, 483, 499],
    paths: ['body._embedded.errors.0.hint'],
    why: 'a refusal comes with a hint what to do: recover a job whose process is gone, ask for the other schema target, define the task again',
  },
  {
    exchanges: [340],
    paths: ['body.arguments', 'body.arguments.**'],
    why: 'a restart names the one job that it is for',
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
      'body.**.jobExecutions.*.abandonable',
      'body.**.jobExecutions.*.jobExecution.**',
    ],
    why: 'SCDF reads the job executions of an instance without most of their columns; here they are complete',
  },
  {
    exchanges: [330],
    paths: ['body._embedded.jobExecutionResourceList.*.stepExecutionCount'],
    why: 'SCDF does not count the steps in a list by status; here they are counted',
  },
  {
    exchanges: [391, 392, 400],
    paths: ['body._links.self.href'],
    why: 'SCDF leaves the schema target out, so that the link leads to something of Boot 2; here it leads to itself',
  },
  {
    exchanges: [393],
    paths: ['body._embedded.jobInstanceResourceList', 'body._embedded.jobInstanceResourceList.**', 'body.page.*'],
    unreachable: true,
    why: 'SCDF takes instances of both schema targets with the same number for one; here they are two',
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
  recordedWithH2,
  { exchanges: [540], paths: ['status', 'body.**'], why: 'the filter by DSL text works in SCDF on H2 only' },
  {
    exchanges: [30],
    paths: ['body'],
    why: 'the options come from the jar of the composed-task runner, which is not there',
  },
  {
    exchanges: [343, 344],
    paths: ['body._embedded.errors.0.message'],
    sometimes: true,
    why: 'the message names two methods in the order in which this start of the Java machine happens to list them',
  },
];

export function peerDifferencesOf(number: number): readonly Difference[] {
  return peerDifferences.filter((difference) => difference.exchanges.includes(number));
}
