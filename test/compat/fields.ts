import type { IdSpace } from './identities.js';

/** The rules that say, field by field, how much of a recorded value another run of the same story has to show again. */

type Resource = Readonly<Record<string, unknown>>;

/** The space of ids that a numeric field belongs to; undefined if the number means itself. */
export function idSpaceOf(field: string, owner: Resource, schemaTarget: string): IdSpace | undefined {
  switch (field) {
    case 'executionId':
      return `${'jobId' in owner ? 'job-execution' : 'task'}:${schemaTarget}`;
    case 'taskExecutionId':
      return `task:${schemaTarget}`;
    case 'parentExecutionId':
      // Runs of composed tasks are of Boot 2, whatever their children are.
      return 'task:boot2';
    case 'jobExecutionId':
    case 'jobExecutionIds':
      return `job-execution:${schemaTarget}`;
    case 'jobId':
    case 'instanceId':
    case 'jobInstanceId':
      return `job-instance:${schemaTarget}`;
    case 'auditRecordId':
      return 'audit';
    case 'id':
      return idSpaceOfPlainId(owner, schemaTarget);
    default:
      return undefined;
  }
}

function idSpaceOfPlainId(owner: Resource, schemaTarget: string): IdSpace | undefined {
  if ('jobName' in owner) {
    return `job-instance:${schemaTarget}`;
  }
  if ('stepName' in owner) {
    return `step:${schemaTarget}`;
  }
  return 'jobInstance' in owner ? `job-execution:${schemaTarget}` : undefined;
}

const dateFormats = [
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
  /^\d{4}-\d\d-\d\d$/,
  /^\d\d:\d\d:\d\d$/,
];

/** The format of a recorded date, time or duration; undefined for any other text. */
export function dateFormatOf(recorded: string): RegExp | undefined {
  return dateFormats.find((format) => format.test(recorded));
}

/** Stack traces: the first line is the same, the lines below name the classes of the application. */
export function isStackTrace(field: string): boolean {
  return field === 'errorMessage' || field === 'exitDescription';
}

/** Names of classes of the recorded applications; ours have classes of their own. */
export function isClassOfApplication(field: string, recorded: string): boolean {
  return (field === 'stepType' || field === 'batch.taskletType') && recorded.startsWith('peer.');
}

/** What a task printed; these lines of it are the same in every run. */
export const printedMarkers: readonly string[] = ['stdout:', 'TIMESTAMP: '];

/** Facts about the machine and the build of a server, in `/about` and `/management/info`: of the same type, no more. */
export function isFactOfBuildOrHost(path: readonly (string | number)[]): boolean {
  return path.some((part) => part === 'git' || part === 'build' || part === 'taskLaunchers');
}

/** Figures that depend on how fast a machine is. */
export function isMeasured(field: string, path: readonly (string | number)[]): boolean {
  return field === 'duration' || path.includes('duration') || path.includes('durationPerRead');
}

/** Figures of a step that is still running when it is looked at. */
export const figuresOfRunningStep: ReadonlySet<string> = new Set([
  'version',
  'commitCount',
  'slices',
  'percentageComplete',
]);

/** The platform accounts' links end with an id that a server makes up anew each time. */
export function withoutRandomId(href: string): string {
  return href.replace(/(?<=\/tasks\/platforms\/)[^/]+$/, '{id}');
}
