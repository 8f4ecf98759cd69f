import type { AdoptionDifference } from './adopted-answers.js';

const JOBS_OF_INSTANCE = [
  'startDate',
  'startTime',
  'duration',
  'stepExecutionCount',
  'stoppable',
  'restartable',
  'abandonable',
  'jobExecution.**',
  '_links.**',
];

/** Where Millrace answers otherwise than SCDF about the same rows, whichever of the two wrote them. */
const always: readonly AdoptionDifference[] = [
  {
    targets: /^\/apps\?.*sort=.*sort=/,
    paths: ['body._links.self.href'],
    why: 'the link repeats the orders as they were asked for; SCDF joins them to one',
  },
  {
    targets: /^\/tasks\/info\/executions/,
    paths: ['body._links.self.href'],
    why: 'the link carries the text of a list of links in SCDF; here it leads to the resource',
  },
  {
    targets: /^\/jobs\/instances\?/,
    paths: ['body._embedded.jobInstanceResourceList', 'body._embedded.jobInstanceResourceList.**', 'body.page.*'],
    why: 'SCDF takes instances of both schema targets with the same number for one; here they are two',
  },
  {
    targets: /^\/jobs\/instances\/\d/,
    paths: JOBS_OF_INSTANCE.map((field) => `body.jobExecutions.*.${field}`),
    why: 'SCDF reads the job executions of an instance without most of their columns; here they are complete',
  },
  {
    targets: /^\/jobs\/(instances\/\d|executions\/\d+\/steps\/\d+\/progress).*boot3/,
    paths: ['body._links.self.href'],
    why: 'SCDF leaves the schema target out, so that the link leads to something of Boot 2; here it leads to itself',
  },
  {
    targets: /^\/audit-records/,
    paths: ['body.createdOn', 'body._embedded.auditRecordResourceList.*.createdOn'],
    why: 'SCDF answers microseconds, Millrace milliseconds; the rows keep theirs',
  },
  {
    targets: /^\/jobs\/executions\?status=/,
    paths: ['body._embedded.jobExecutionResourceList.*.stepExecutionCount'],
    why: 'SCDF does not count the steps in a list by status; here they are counted',
  },
];

const platforms: AdoptionDifference = {
  targets: /^\/tasks\/platforms/,
  paths: ['body._embedded.launcherResourceList.*.description'],
  why: 'the description holds the directories of the server that was asked',
};

/** Where Millrace answers otherwise than SCDF about the very rows that SCDF wrote. */
export const differencesAfterAdoption: readonly AdoptionDifference[] = [...always, platforms];

/** Where SCDF and Millrace answer differently about what both of them wrote; SCDF's answer is the expected one. */
export const differencesAfterReturn: readonly AdoptionDifference[] = [
  ...always,
  platforms,
  {
    targets: /^\/tasks\/definitions\/evening-chain-/,
    paths: ['body.composedTaskElement'],
    why: 'SCDF takes the parent of such a child for one that ends at the first dash; here it is known',
  },
];
