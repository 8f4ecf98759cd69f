import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf, type PageRequest } from '../representation/page.js';
import { integer, optionalText, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { parseSchemaTarget } from '../schema/schema-target.js';
import { JobsService } from './jobs.service.js';
import {
  StepExecutionPageSchema,
  stepExecutionResource,
  StepExecutionResourceSchema,
} from './step-execution.resource.js';
import { stepProgressResource, StepProgressSchema } from './step-progress.resource.js';

const jobExecutionId = integer('Id of the job execution');
const stepId = integer('Id of the step execution');
const schemaTarget = optionalText('boot2 (the default) or boot3');

const ListParameters = z.object({ jobExecutionId, schemaTarget });
const OneParameters = z.object({ jobExecutionId, stepId, schemaTarget });

/** As many as any page of SCDF's holds. */
const MAXIMUM_SIZE = 2000;

/** `/jobs/executions/{id}/steps`: the steps of a job's run. */
@Controller('jobs/executions/:jobExecutionId/steps')
export class StepExecutionsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Operation({
    summary: 'List the steps of a job execution',
    description: 'By id, without execution contexts. All of them, unless a page is asked for.',
    parameters: ListParameters,
    sortable: 'paged',
    answer: StepExecutionPageSchema,
    refusals: [400, 404],
  })
  async list(@Parameters(ListParameters) parameters: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const job = { id: parameters.jobExecutionId, schemaTarget: parseSchemaTarget(parameters.schemaTarget) };
    const total = await this.jobs.countSteps(job);
    const request = wholeUnlessPaged(pageRequestOf(frame), total, frame);
    const steps = await this.jobs.listSteps(job, request);
    const resources = steps.map((detail) => stepExecutionResource(detail.step, detail.parameters, frame));
    return pagedResource('stepExecutionResourceList', resources, total, request, frame);
  }

  @Get(':stepId')
  @Operation({
    summary: 'Show a step with its execution context',
    parameters: OneParameters,
    answer: StepExecutionResourceSchema,
    refusals: [400, 404],
  })
  async one(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    const { step, parameters: ofJob } = await this.find(parameters);
    return stepExecutionResource(step, ofJob, frame);
  }

  @Get(':stepId/progress')
  @Operation({
    summary: 'Show how far a step is',
    description: 'Compared with all finished executions of the step in jobs of the same name.',
    parameters: OneParameters,
    answer: StepProgressSchema,
    refusals: [400, 404],
  })
  async progress(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    const { step, parameters: ofJob } = await this.find(parameters);
    return stepProgressResource(step, ofJob, await this.jobs.historyOf(step), new Date(), frame);
  }

  private find(parameters: z.output<typeof OneParameters>) {
    return this.jobs.findStep(parseSchemaTarget(parameters.schemaTarget), parameters.jobExecutionId, parameters.stepId);
  }
}

/** Clients that know no pages here, the shell among them, are to get all steps, as from SCDF. */
function wholeUnlessPaged(request: PageRequest, total: number, frame: RequestFrame): PageRequest {
  if (frame.query.some(([name]) => name === 'page' || name === 'size')) return request;
  return { ...request, size: Math.min(Math.max(request.size, total), MAXIMUM_SIZE) };
}
