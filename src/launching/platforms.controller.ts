import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { lenientFlag, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { PlatformAccountPageSchema, platformAccountResource } from './platform-account.resource.js';

const ListParameters = z.object({ schedulesEnabled: lenientFlag('Only accounts that can hold schedules') });

/** `/tasks/platforms`: where tasks can be launched. */
@Controller('tasks/platforms')
export class PlatformsController {
  constructor(private readonly platforms: PlatformRegistry) {}

  @Get()
  @Operation({
    summary: 'List platform accounts',
    parameters: ListParameters,
    sortable: 'paged',
    answer: PlatformAccountPageSchema,
  })
  list(@Parameters(ListParameters) _: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const all = this.platforms.all();
    const resources = all
      .slice(request.offset, request.offset + request.size)
      .map((platform) => platformAccountResource(platform, frame));
    return pagedResource('launcherResourceList', resources, all.length, request, frame);
  }
}
