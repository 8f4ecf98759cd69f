import { Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { DefinitionsService } from '../definitions/definitions.service.js';
import { parseLaunchProperties } from '../launching/launch-properties.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { optionalText, Parameters, text } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema } from '../representation/resource.js';
import { NoSuchScheduleError, NoSuchSchedulePlatformError, SchedulingNotSupportedError } from './schedules.errors.js';

const platform = optionalText('Name of the platform account');

const ListParameters = z.object({ platform });
const OneParameters = z.object({ name: text('Name of the schedule'), platform });
const InstancesParameters = z.object({ taskDefinitionName: text('Name of the task'), platform });
const CreateParameters = z.object({
  scheduleName: text('Name of the schedule'),
  taskDefinitionName: text('Name of the task'),
  properties: text('scheduler.cron.expression and deployment properties'),
  arguments: optionalText('Command-line arguments'),
  platform,
});

const ScheduleSchema = z
  .object({
    scheduleName: z.string(),
    taskDefinitionName: z.string(),
    scheduleProperties: z.record(z.string(), z.string()),
    _links: LinksSchema,
  })
  .meta({ id: 'Schedule' });

const SchedulePageSchema = pageSchema('SchedulePage', 'scheduleInfoResourceList', ScheduleSchema);

/**
 * `/tasks/schedules`, which SCDF's clients ask once the feature is switched on. Accounts of platform Local hold no schedules: lists
 * are empty and a new schedule is refused, as in SCDF.
 */
@Controller('tasks/schedules')
export class SchedulesController {
  constructor(
    private readonly platforms: PlatformRegistry,
    private readonly definitions: DefinitionsService,
  ) {}

  @Get()
  @Operation({
    summary: 'List schedules',
    parameters: ListParameters,
    sortable: 'paged',
    answer: SchedulePageSchema,
    refusals: [400],
  })
  list(@Parameters(ListParameters) parameters: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    this.checkPlatform(parameters.platform);
    return pagedResource('scheduleInfoResourceList', [], 0, pageRequestOf(frame), frame);
  }

  @Get('instances/:taskDefinitionName')
  @Operation({
    summary: 'List the schedules of a task',
    parameters: InstancesParameters,
    answer: SchedulePageSchema,
    refusals: [400],
  })
  instances(
    @Parameters(InstancesParameters) parameters: z.output<typeof InstancesParameters>,
    @Frame() frame: RequestFrame,
  ) {
    this.checkPlatform(parameters.platform);
    // SCDF gives a page that is as large as the result, and one for an empty result.
    const request = { number: 0, size: 1, offset: 0, sort: [] };
    return pagedResource('scheduleInfoResourceList', [], 0, request, frame);
  }

  @Get(':name')
  @Operation({
    summary: 'Show a schedule',
    parameters: OneParameters,
    answer: ScheduleSchema,
    refusals: [400, 404],
  })
  show(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>): never {
    this.checkPlatform(parameters.platform);
    throw new NoSuchScheduleError(parameters.name);
  }

  @Post()
  @HttpCode(201)
  @Operation({ summary: 'Create a schedule', parameters: CreateParameters, status: 201, refusals: [400, 404] })
  async create(@Parameters(CreateParameters) parameters: z.output<typeof CreateParameters>): Promise<void> {
    parseLaunchProperties(parameters.properties);
    await this.definitions.find(parameters.taskDefinitionName);
    this.checkPlatform(parameters.platform);
    throw new SchedulingNotSupportedError(this.platforms.all()[0]?.type ?? 'this');
  }

  @Delete('instances/:taskDefinitionName')
  @Operation({ summary: 'Delete the schedules of a task', parameters: InstancesParameters, refusals: [400] })
  deleteInstances(@Parameters(InstancesParameters) parameters: z.output<typeof InstancesParameters>): void {
    this.checkPlatform(parameters.platform);
  }

  @Delete(':name')
  @Operation({
    summary: 'Delete a schedule; one that does not exist is no error',
    parameters: OneParameters,
    refusals: [400],
  })
  delete(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>): void {
    this.checkPlatform(parameters.platform);
  }

  private checkPlatform(name: string | undefined): void {
    if (name !== undefined && name !== '' && this.platforms.find(name) === undefined) {
      throw new NoSuchSchedulePlatformError(name);
    }
  }
}
