import type { Difference } from './differences.js';

/** Differences about launches of composed tasks, which a server of SCDF leaves to a program and Millrace runs itself. */
export const composedDifferences: readonly Difference[] = [
  {
    exchanges: [414],
    paths: ['body'],
    why: 'SCDF shows what its runner printed; here the log is the story of the run',
  },
  {
    exchanges: [416],
    paths: ['exitCode', 'endTime', 'taskExecutionStatus'].map(
      (field) => `body._embedded.taskExecutionResourceList.6.${field}`,
    ),
    sometimes: true,
    why: 'the second run of the task was still under way when the recording looked; here it may have ended',
  },
  {
    exchanges: [422, 431, 435],
    paths: ['body.errorMessage'],
    why: 'the error of a run that failed or was stopped says why; SCDF leaves it empty',
  },
  {
    exchanges: [423],
    paths: ['body._embedded.taskExecutionThinResourceList.9.errorMessage'],
    why: 'the error of a run that failed or was stopped says why; SCDF leaves it empty',
  },
  {
    exchanges: [423],
    paths: ['body._embedded.taskExecutionThinResourceList'],
    why: 'two launches that could not start come first in SCDF, without a time of start; here they have one',
  },
  {
    exchanges: [426],
    paths: ['body._embedded.taskDefinitionResourceList.14.lastTaskExecution.errorMessage'],
    why: 'the error of a run that failed or was stopped says why; SCDF leaves it empty',
  },
  {
    exchanges: [426],
    paths: [0, 1, 2, 4, 5, 8, 9, 12].map(
      (child) => `body._embedded.taskDefinitionResourceList.${child}.lastTaskExecution.parentExecutionId`,
    ),
    why: 'SCDF leaves the parent out of the last execution of a definition',
  },
  {
    exchanges: [426],
    paths: ['body._embedded.taskDefinitionResourceList', 'body.page.totalElements'],
    why: 'the definition of 143 and its two children are there',
    unreachable: true,
  },
  {
    exchanges: [427],
    paths: ['body._embedded.jobExecutionResourceList.2.jobExecution.exitStatus.exitDescription'],
    why: 'the exit message of a failed run says which step failed it; SCDF leaves it empty',
  },
  {
    exchanges: [427],
    paths: ['body._embedded.jobExecutionResourceList'],
    why: 'jobs of composed tasks begin in the order of the launches; in SCDF as their processes happen to start',
  },
  {
    exchanges: [428],
    paths: ['body.jobExecution.exitStatus.exitDescription'],
    why: 'the exit message of a failed run says which step failed it; SCDF leaves it empty',
  },
  {
    exchanges: [428],
    paths: ['version', 'commitCount', 'rollbackCount', 'summary', 'exitStatus.exitDescription'].map(
      (field) => `body.jobExecution.stepExecutions.0.${field}`,
    ),
    why: 'SCDF commits the step each time it looks at the child, and begins the exit message with the name of a class',
  },
  {
    exchanges: [435],
    paths: ['body.taskExecutionStatus'],
    why: 'a stopped run leaves its job STARTED in SCDF, which counts as complete; here the job is STOPPED',
  },
  {
    exchanges: [452, 453, 456, 461],
    paths: ['body.page.totalElements'],
    why: 'the creation of the definition of 143 is recorded',
  },
  {
    exchanges: [453, 461],
    paths: ['body.page.totalPages', 'body._links.last.href'],
    why: 'the creation of the definition of 143 is recorded',
  },
  {
    exchanges: [453],
    paths: ['commandLineArgs', 'commandLineArgs.*'].map(
      (field) => `body._embedded.auditRecordResourceList.1.auditData.(parsed).${field}`,
    ),
    why: "a restart hands a child the parent's schema target twice in SCDF, here once",
  },
];
