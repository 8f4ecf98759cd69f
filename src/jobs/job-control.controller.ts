import { Controller, HttpCode, Post, Put } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { flag, integer, lenientFlag, optionalText, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { JobOperationConditionError } from './job-control.errors.js';
import { jobSchemaTarget } from './job-schema-target.js';
import { JobRecoveryService } from './job-recovery.service.js';
import { JobRecoverySchema, jobRecoveryResource } from './job-recovery.resource.js';
import { JobRestartService } from './job-restart.service.js';
import { JobStopService } from './job-stop.service.js';

const id = integer('Id of the job execution', undefined, undefined, 'long');
const schemaTarget = optionalText('boot2 (the default) or boot3');
const useJsonJobParameters = flag(
  'Write the parameters in JSON, for an application with a JsonJobParametersConverter (boot3)',
  false,
);

const ChangeParameters = z.object({
  id,
  schemaTarget,
  restart: lenientFlag('true: launch the task of the failed or stopped job again, with the same parameters'),
  stop: lenientFlag('true: ask the running job to stop at the end of its chunk'),
  useJsonJobParameters,
});

const RecoverParameters = z.object({
  id,
  schemaTarget,
  restart: flag('Restart the job afterwards, with the same parameters and deployment properties', false),
  force: flag('Recover also where nobody here can tell whether the process is gone: make sure before', false),
  useJsonJobParameters,
});

/** What operators do with jobs: restart, stop, recover. */
@Controller('jobs/executions')
export class JobControlController {
  constructor(
    private readonly restarts: JobRestartService,
    private readonly stops: JobStopService,
    private readonly recovery: JobRecoveryService,
  ) {}

  @Put(':id')
  @Operation({
    summary: 'Restart or stop a job execution',
    description:
      'Exactly one of restart=true and stop=true. A restart is a launch of the same task, on the same platform account, with the ' +
      'arguments of the failed execution and the parameters of the job; of several jobs in an application only this one runs. ' +
      'A stop is a wish that the application grants at the end of a chunk.',
    parameters: ChangeParameters,
    refusals: [400, 404, 409, 422, 429],
  })
  async change(
    @Parameters(ChangeParameters) parameters: z.output<typeof ChangeParameters>,
    @Frame() frame: RequestFrame,
  ): Promise<void> {
    const { restart, stop, useJsonJobParameters: json } = parameters;
    if (restart && stop) throw JobOperationConditionError.both();
    if (!restart && !stop) throw JobOperationConditionError.none(givenIn(frame));
    const key = { id: parameters.id, schemaTarget: jobSchemaTarget(parameters.id, parameters.schemaTarget) };
    if (restart) await this.restarts.restart(key, { json });
    else await this.stops.stop(key);
  }

  @Post(':id/recover')
  @HttpCode(200)
  @Operation({
    summary: 'Recover a job execution whose process died',
    description:
      'Not in SCDF. A job whose process was killed stays STARTED and can never be restarted. Once the process is known to be gone, ' +
      'the job and its running steps are marked FAILED with an end and a reason; completed steps are not repeated by a restart. ' +
      'Refused with 409 while the platform still sees the process, and when nobody here can tell, unless force=true.',
    parameters: RecoverParameters,
    answer: JobRecoverySchema,
    refusals: [400, 404, 409, 422, 429],
  })
  async recover(
    @Parameters(RecoverParameters) parameters: z.output<typeof RecoverParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const { restart, force, useJsonJobParameters: json } = parameters;
    const key = { id: parameters.id, schemaTarget: jobSchemaTarget(parameters.id, parameters.schemaTarget) };
    const recovery = await this.recovery.recover(key, { force, restart: restart ? { json } : undefined });
    return jobRecoveryResource(key, recovery, frame);
  }
}

/** The parameters of a request as SCDF repeats them. */
function givenIn({ query }: RequestFrame): string {
  const given = new Map<string, string[]>();
  for (const [name, value] of query) given.set(name, [...(given.get(name) ?? []), value]);
  return [...given]
    .map(([name, values]) => `${name}={${values.join(', ')}}`)
    .join(', ')
    .slice(0, 500);
}
