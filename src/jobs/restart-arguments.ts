import { isExecutionIdArgument } from '../launching/command-line-arguments.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import {
  checkReadable,
  type JobArgumentNotation,
  jobArgument,
  parameterNameOf,
  UnwritableParameterError,
} from './job-argument.js';
import type { StoredJobParameter } from './job-history.js';
import { UnreadableJobParameterError } from './job-control.errors.js';

/** What the arguments of a restart are made of. */
export interface RestartArgumentsInput {
  readonly schemaTarget: SchemaTargetName;
  readonly jobName: string;
  /** Whether it is a run of a composed task, which is one job: none has to be chosen. */
  readonly composed: boolean;
  /** Whether the application reads job parameters in JSON; only Spring Batch 5 can. */
  readonly json: boolean;
  /** The user's arguments of the execution that failed. */
  readonly recorded: readonly string[];
  readonly parameters: readonly StoredJobParameter[];
  /** Properties that the application is given beside its arguments. */
  readonly appProperties: Readonly<Record<string, string>>;
}

/**
 * The arguments with which a task runs a job instance again: those of the failed execution, the parameters of the job that
 * were not among them (an incrementer or the application added them), and the choice of the one job where there may be several.
 * @throws UnreadableJobParameterError
 */
export function restartArguments(input: RestartArgumentsInput): readonly string[] {
  const notation = notationOf(input);
  const present = new Set(input.recorded.map((argument) => parameterNameOf(argument, notation)));
  const parameters = input.parameters.filter(({ name }) => !isOption(name, notation));
  for (const parameter of parameters) refuseUnusable(parameter, () => checkReadable(parameter, notation));
  const missing = parameters
    .filter(({ name }) => !present.has(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const given = input.composed ? input.recorded : withJobChosen(input);
  return [...given, ...missing.map((parameter) => refuseUnusable(parameter, () => jobArgument(parameter, notation)))];
}

/** What SCDF 2.5 adds to every launch beside the id. */
const PLATFORM_ARGUMENT = '--spring.cloud.data.flow.platformname=';

/**
 * Arguments as an application wrote them down, without those that the server adds to every launch.
 * @param added names of the properties that it adds for one app
 */
export function withoutServerArguments(recorded: readonly string[], added: readonly string[]): readonly string[] {
  return recorded.filter((argument) => {
    if (isExecutionIdArgument(argument) || argument.startsWith(PLATFORM_ARGUMENT)) return false;
    return !added.some((name) => argument.startsWith('--app.') && argument.includes(`.${name}=`));
  });
}

function notationOf({ schemaTarget, json }: RestartArgumentsInput): JobArgumentNotation {
  if (schemaTarget === 'boot2') return 'batch4';
  return json ? 'json' : 'batch5';
}

/** Before Spring Boot 2.3 options became parameters whose names keep a dash; the options are still there. SCDF skips them. */
function isOption(name: string, notation: JobArgumentNotation): boolean {
  return notation === 'batch4' && name.startsWith('-');
}

function refuseUnusable<Result>(parameter: StoredJobParameter, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw error instanceof UnwritableParameterError
      ? new UnreadableJobParameterError(parameter.name, error.message)
      : error;
  }
}

/**
 * A Spring Boot 2 application runs all its jobs unless told which; the others may be complete, which ends the run with an
 * error. One of Spring Boot 3 that holds several was told already, and refuses a name that is none of its jobs.
 */
function withJobChosen({ schemaTarget, jobName, recorded, appProperties }: RestartArgumentsInput): readonly string[] {
  const property = schemaTarget === 'boot2' ? 'spring.batch.job.names' : 'spring.batch.job.name';
  const choice = `--${property}=${jobName}`;
  const isChoice = (argument: string) => argument.startsWith(`--${property}=`);
  const chosen = recorded.filter(isChoice);
  if (chosen.length > 0) {
    if (chosen.every((argument) => argument === choice)) return recorded;
    const first = recorded.findIndex(isChoice);
    return recorded.flatMap((argument, index) => {
      if (index === first) return [choice];
      return isChoice(argument) ? [] : [argument];
    });
  }
  const configured = Object.hasOwn(appProperties, property) ? appProperties[property] : undefined;
  const isNeeded = schemaTarget === 'boot2' || configured !== undefined;
  // Spring Boot 2 reads a list of patterns.
  const isPlain = schemaTarget === 'boot3' || !/[,*]/.test(jobName);
  return isNeeded && isPlain && configured !== jobName ? [...recorded, choice] : recorded;
}
