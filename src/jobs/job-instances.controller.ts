import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { integer, optionalText, Parameters, text } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { NoSuchSchemaTargetError, parseSchemaTarget } from '../schema/schema-target.js';
import { JobInstancePageSchema, jobInstanceResource, JobInstanceSchema } from './job-instance.resource.js';
import { NoSuchJobInstanceError } from './jobs.errors.js';
import { JobsService } from './jobs.service.js';

const ListParameters = z.object({ name: text('Name of the job; % and _ are wildcards') });

const OneParameters = z.object({
  id: integer('Id of the job instance', undefined, undefined, 'long'),
  schemaTarget: optionalText('boot2 (the default) or boot3'),
});

/** `/jobs/instances`: jobs with the parameters that identify them, and their runs. */
@Controller('jobs/instances')
export class JobInstancesController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Operation({
    summary: 'List the instances of a job with their executions',
    description: 'The oldest instance first, its newest execution first.',
    parameters: ListParameters,
    sortable: 'paged',
    answer: JobInstancePageSchema,
    refusals: [400, 404],
  })
  async list(@Parameters(ListParameters) { name }: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const page = await this.jobs.listInstances(name, request);
    const now = new Date();
    const resources = page.elements.map(({ instance, executions }) =>
      jobInstanceResource(instance, executions, now, frame),
    );
    return pagedResource('jobInstanceResourceList', resources, page.totalElements, request, frame);
  }

  @Get(':id')
  @Operation({
    summary: 'Show a job instance with its executions and their steps',
    parameters: OneParameters,
    answer: JobInstanceSchema,
    refusals: [400, 404],
  })
  async one(
    @Parameters(OneParameters) { id, schemaTarget }: z.output<typeof OneParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const { instance, executions } = await this.jobs.findInstance({ id, schemaTarget: targetFor(id, schemaTarget) });
    return jobInstanceResource(instance, executions, new Date(), frame);
  }
}

/** As for job executions: an unknown schema target has no such instance. */
function targetFor(id: number, name: string | undefined) {
  try {
    return parseSchemaTarget(name);
  } catch (error) {
    throw error instanceof NoSuchSchemaTargetError ? new NoSuchJobInstanceError(id, name ?? '') : error;
  }
}
