import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { choice, integer, optionalText, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { JobExecutionPageSchema, jobExecutionResource, JobExecutionSchema } from './job-execution.resource.js';
import { BATCH_STATUSES } from './job-history.js';
import { jobSchemaTarget } from './job-schema-target.js';
import { JobsService } from './jobs.service.js';

const ListParameters = z.object({
  name: optionalText('Only jobs of this name; % and _ are wildcards'),
  status: choice('Only in this state', BATCH_STATUSES).optional(),
});

const OneParameters = z.object({
  id: integer('Id of the job execution', undefined, undefined, 'long'),
  schemaTarget: optionalText('boot2 (the default) or boot3'),
});

/** `/jobs/executions`: runs of Spring Batch jobs. */
@Controller('jobs/executions')
export class JobExecutionsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Operation({
    summary: 'List job executions',
    description: 'The newest first. An unknown name alone is refused; together with a status it gives an empty page.',
    parameters: ListParameters,
    sortable: 'paged',
    answer: JobExecutionPageSchema,
    refusals: [400, 404],
  })
  async list(@Parameters(ListParameters) filter: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const page = await this.jobs.listExecutions(filter, request, false);
    const now = new Date();
    const resources = page.elements.map((execution) => jobExecutionResource(execution, [], now, frame));
    return pagedResource('jobExecutionResourceList', resources, page.totalElements, request, frame);
  }

  @Get(':id')
  @Operation({
    summary: 'Show a job execution with its steps',
    parameters: OneParameters,
    answer: JobExecutionSchema,
    refusals: [400, 404],
  })
  async one(
    @Parameters(OneParameters) { id, schemaTarget }: z.output<typeof OneParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const { execution, steps } = await this.jobs.findExecution({ id, schemaTarget: jobSchemaTarget(id, schemaTarget) });
    return jobExecutionResource(execution, steps, new Date(), frame);
  }
}
