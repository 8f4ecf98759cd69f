import { Controller, Get, Patch } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { choices, integer, optionalText, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { parseSchemaTarget } from '../schema/schema-target.js';
import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from './launch-priority.js';
import { LaunchQueueService } from './launch-queue.service.js';
import { OPEN_STATES } from './tracked-launch.js';
import { TrackedLaunchPageSchema, trackedLaunchResource, TrackedLaunchSchema } from './tracked-launch.resource.js';

const schemaTarget = optionalText('Generation of tables: boot2 (default) or boot3');

const ListParameters = z.object({
  state: choices('Only launches that stand so; all that are not over if missing', OPEN_STATES).optional(),
  platform: optionalText('Only launches on this platform account'),
});
const OneParameters = z.object({ id: integer('Id of the execution'), schemaTarget });
const PriorityParameters = z.object({
  id: integer('Id of the execution'),
  schemaTarget,
  priority: integer('The new priority; higher goes first', LOWEST_PRIORITY, HIGHEST_PRIORITY),
});

/** `/millrace/launches`: launches that are not over, and the queues among them. Not in SCDF. */
@Controller('millrace/launches')
export class LaunchesController {
  constructor(private readonly queue: LaunchQueueService) {}

  @Get()
  @Operation({
    summary: 'List launches that are not over',
    description:
      'The queues come first, each in the order in which its launches get room: highest priority, then oldest; then what is ' +
      'on its way to its platform, then what is with it. To withdraw one, stop its execution. Not in SCDF.',
    parameters: ListParameters,
    sortable: 'paged',
    answer: TrackedLaunchPageSchema,
    refusals: [400],
  })
  async list(
    @Parameters(ListParameters) { state, platform }: z.output<typeof ListParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const request = pageRequestOf(frame);
    const states = state === undefined || state.length === 0 ? OPEN_STATES : state;
    const account = platform === '' ? undefined : platform;
    const { elements, totalElements } = await this.queue.list({ states, account }, request);
    const resources = elements.map((launch) => trackedLaunchResource(launch, frame));
    return pagedResource('launchResourceList', resources, totalElements, request, frame);
  }

  @Get(':id')
  @Operation({
    summary: 'Show the launch of an execution',
    description: 'Also after it is over. Not in SCDF.',
    parameters: OneParameters,
    answer: TrackedLaunchSchema,
    refusals: [400, 404],
  })
  async show(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    const key = { schemaTarget: parseSchemaTarget(parameters.schemaTarget), id: parameters.id };
    return trackedLaunchResource(await this.queue.find(key), frame);
  }

  @Patch(':id')
  @Operation({
    summary: 'Change the priority of a launch that waits for room',
    description:
      'For this launch alone: the next one of the task has the priority that was asked for when launching. Not in SCDF.',
    parameters: PriorityParameters,
    answer: TrackedLaunchSchema,
    refusals: [400, 404, 409],
  })
  async changePriority(
    @Parameters(PriorityParameters) parameters: z.output<typeof PriorityParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const key = { schemaTarget: parseSchemaTarget(parameters.schemaTarget), id: parameters.id };
    return trackedLaunchResource(await this.queue.changePriority(key, parameters.priority), frame);
  }
}
