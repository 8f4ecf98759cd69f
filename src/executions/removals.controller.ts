import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { choice, flag, integer, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { RemovalPageSchema, removalResource, RemovalSchema } from './removal-run.resource.js';
import { REMOVAL_KINDS } from './removal-run.js';
import { RemovalRuns } from './removal-runs.service.js';

const ListParameters = z.object({
  kind: choice('Only clean-ups that were asked for, or only runs of the retention', REMOVAL_KINDS).optional(),
  running: flag('Only removals that are under way', false),
});
const OneParameters = z.object({ id: integer('Id of the removal') });

/** `/millrace/removals`: removals of many executions, how far they are and what the last ones did. Not in SCDF. */
@Controller('millrace/removals')
export class RemovalsController {
  constructor(private readonly runs: RemovalRuns) {}

  @Get()
  @Operation({
    summary: 'List removals of many executions',
    description:
      'Every DELETE /tasks/executions and every run of the retention, of all servers, the latest first: those under way with ' +
      'their progress, and the last hundred of each kind. Not in SCDF.',
    parameters: ListParameters,
    sortable: 'paged',
    answer: RemovalPageSchema,
    refusals: [400],
  })
  async list(
    @Parameters(ListParameters) { kind, running }: z.output<typeof ListParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const request = pageRequestOf(frame);
    const { elements, totalElements } = await this.runs.list({ kind, running: running || undefined }, request);
    const resources = elements.map((run) => removalResource(run, frame));
    return pagedResource('removalResourceList', resources, totalElements, request, frame);
  }

  @Get(':id')
  @Operation({
    summary: 'Show a removal of many executions',
    description: 'With its progress while it is under way. Not in SCDF.',
    parameters: OneParameters,
    answer: RemovalSchema,
    refusals: [400, 404],
  })
  async show(@Parameters(OneParameters) { id }: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    return removalResource(await this.runs.find(id), frame);
  }
}
