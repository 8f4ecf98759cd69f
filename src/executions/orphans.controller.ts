import { Controller, Delete, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { optionalText, Parameters, text } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { OrphanPageSchema, OrphanRemovalSchema, orphanResource } from './orphan.resource.js';
import { OrphansService } from './orphans.service.js';

const ListParameters = z.object({ platform: optionalText('Name of the platform account; all of them if missing') });
const RemoveParameters = z.object({
  platform: text('Name of the platform account'),
  names: text('Names of orphans, comma separated'),
});

/** `/millrace/orphans`: what is left on platforms of executions that have no row any more. Not in SCDF. */
@Controller('millrace/orphans')
export class OrphansController {
  constructor(private readonly orphans: OrphansService) {}

  @Get()
  @Operation({
    summary: 'List what is on the platforms without an execution',
    description:
      'Pods, jobs and processes that this installation started, and of which neither a launch nor an execution is left; of ' +
      'a platform Local, those of this server’s machine. Not in SCDF.',
    parameters: ListParameters,
    sortable: 'paged',
    answer: OrphanPageSchema,
    refusals: [400, 404],
  })
  async list(@Parameters(ListParameters) { platform }: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const { elements, totalElements } = await this.orphans.list(platform === '' ? undefined : platform, request);
    return pagedResource('orphanResourceList', elements.map(orphanResource), totalElements, request, frame);
  }

  @Delete()
  @Operation({
    summary: 'Remove orphans from their platform',
    description:
      'Those that run are stopped first, within their grace period. Refused as a whole if there is an execution of any of ' +
      'them. Not in SCDF.',
    parameters: RemoveParameters,
    answer: OrphanRemovalSchema,
    refusals: [400, 404, 409],
  })
  async remove(@Parameters(RemoveParameters) { platform, names }: z.output<typeof RemoveParameters>) {
    const asked = names.split(',').map((name) => name.trim());
    return this.orphans.remove(
      platform,
      asked.filter((name) => name !== ''),
    );
  }
}
