import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { commaDateTime } from '../representation/dates.js';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { choice, integer, optionalText, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { parseSchemaTarget } from '../schema/schema-target.js';
import { thinJobExecutionResource, ThinJobExecutionPageSchema } from './job-execution.resource.js';
import { BATCH_STATUSES, type JobExecutionFilter } from './job-history.js';
import { JobsService } from './jobs.service.js';

const ListParameters = z.object({
  name: optionalText('Only jobs of this name; % and _ are wildcards'),
  status: choice('Only in this state', BATCH_STATUSES).optional(),
  fromDate: commaDateTime('Only jobs started at this time (UTC) or later').optional(),
  toDate: commaDateTime('Only jobs started at this time (UTC) or earlier').optional(),
  jobInstanceId: integer('Only executions of this job instance').optional(),
  taskExecutionId: integer('Only jobs that ran in this task execution').optional(),
  schemaTarget: optionalText('What the ids are of: boot2 (the default) or boot3; does not restrict a list by itself'),
});

/** `/jobs/thinexecutions`: runs of Spring Batch jobs, short. */
@Controller('jobs/thinexecutions')
export class ThinJobExecutionsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Operation({
    summary: 'List job executions without details',
    description: 'The newest first. Restrictions apply together; an unknown name alone is refused.',
    parameters: ListParameters,
    sortable: 'paged',
    answer: ThinJobExecutionPageSchema,
    refusals: [400, 404],
  })
  async list(@Parameters(ListParameters) parameters: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const page = await this.jobs.listExecutions(filterOf(parameters), request, true);
    const now = new Date();
    const resources = page.elements.map((execution) => thinJobExecutionResource(execution, now, frame));
    return pagedResource('jobExecutionThinResourceList', resources, page.totalElements, request, frame);
  }
}

function filterOf(parameters: z.output<typeof ListParameters>): JobExecutionFilter {
  const { name, status, fromDate, toDate, jobInstanceId, taskExecutionId } = parameters;
  const keyOf = (id: number | undefined) =>
    id === undefined ? undefined : { id, schemaTarget: parseSchemaTarget(parameters.schemaTarget) };
  return {
    ...{ name, status, from: fromDate, to: toDate },
    instance: keyOf(jobInstanceId),
    taskExecution: keyOf(taskExecutionId),
  };
}
