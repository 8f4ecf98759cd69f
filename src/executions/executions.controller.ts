import { Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { DefinitionsService } from '../definitions/definitions.service.js';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import {
  choices,
  flag,
  integer,
  integers,
  lenientFlag,
  optionalText,
  Parameters,
  text,
} from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { LinksSchema } from '../representation/resource.js';
import { parseSchemaTarget } from '../schema/schema-target.js';
import { ExecutionControlService } from './execution-control.service.js';
import { ExecutionHistoryService, EXECUTION_SORT_WORDS } from './execution-history.service.js';
import { ExecutionRemovalService, REMOVAL_ACTIONS } from './execution-removal.service.js';
import { NoSuchTaskExecutionError } from './executions.errors.js';
import {
  TaskExecutionPageSchema,
  taskExecutionResource,
  TaskExecutionSchema,
  ThinTaskExecutionPageSchema,
  thinTaskExecutionResource,
} from './task-execution.resource.js';
import { TASK_EXECUTION_STATUSES } from './task-execution.js';

const schemaTarget = optionalText('Generation of tables: boot2 (default) or boot3');
const status = choices('Only executions that stand so (not in SCDF)', TASK_EXECUTION_STATUSES).optional();
const platform = optionalText('Name of the platform account');
const actions = choices('What is removed: platform resources, rows, or both', REMOVAL_ACTIONS).optional();
const days = integer('Only executions that ended before midnight (UTC) so many days ago', 0, 100_000).optional();

const ListParameters = z.object({ name: optionalText('Name of the task'), status });
const OneParameters = z.object({ id: integer('Id of the execution'), schemaTarget });
const ExternalParameters = z.object({ externalExecutionId: text('Name of pod or process'), platform });
const StopParameters = z.object({ ids: integers('Ids of executions'), schemaTarget, platform });
const RemoveParameters = z.object({ ids: integers('Ids of executions'), action: actions, schemaTarget });
const RemoveAllParameters = z.object({
  action: actions,
  completed: flag('Only executions that have ended', false),
  name: optionalText('Name of the task'),
  days,
});
const CountParameters = z.object({
  completed: lenientFlag('Only executions that have ended'),
  name: optionalText('Name of the task'),
  days,
});
const CountSchema = z
  .object({ totalExecutions: z.number().int(), _links: LinksSchema })
  .meta({ id: 'TaskExecutionsInfo' });

const CurrentSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    maximumTaskExecutions: z.number().int(),
    runningExecutionCount: z.number().int(),
    queuedExecutionCount: z.number().int().optional().describe('Launches that wait for room, if any; not in SCDF'),
    links: z.array(z.never()).describe('Always empty: SCDF writes it so where a HAL resource has _links'),
  })
  .meta({ id: 'CurrentTaskExecutions' });

/** `/tasks/executions` and its neighbours: what ran and what runs. Launching has a controller of its own. */
@Controller('tasks')
export class ExecutionsController {
  constructor(
    private readonly history: ExecutionHistoryService,
    private readonly control: ExecutionControlService,
    private readonly removal: ExecutionRemovalService,
    private readonly definitions: DefinitionsService,
  ) {}

  @Get('executions')
  @Operation({
    summary: 'List task executions',
    parameters: ListParameters,
    sortable: EXECUTION_SORT_WORDS,
    answer: TaskExecutionPageSchema,
    refusals: [400, 404],
  })
  async list(@Parameters(ListParameters) parameters: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const taskName = filled(parameters.name);
    if (taskName !== undefined) await this.definitions.find(taskName);
    const page = await this.history.list({ taskName, statuses: parameters.status }, request);
    const resources = page.elements.map((execution) => taskExecutionResource(execution, frame));
    return pagedResource('taskExecutionResourceList', resources, page.totalElements, request, frame);
  }

  @Get('thinexecutions')
  @Operation({
    summary: 'List task executions without arguments, jobs and properties',
    parameters: ListParameters,
    sortable: EXECUTION_SORT_WORDS,
    answer: ThinTaskExecutionPageSchema,
    refusals: [400],
  })
  async listThin(
    @Parameters(ListParameters) parameters: z.output<typeof ListParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const request = pageRequestOf(frame);
    const filter = { taskName: filled(parameters.name), statuses: parameters.status };
    const page = await this.history.listThin(filter, request);
    const resources = page.elements.map((execution) => thinTaskExecutionResource(execution, frame));
    return pagedResource('taskExecutionThinResourceList', resources, page.totalElements, request, frame);
  }

  @Get('executions/current')
  @Operation({ summary: 'Show how many executions each platform account runs', answer: z.array(CurrentSchema) })
  async current() {
    const current = await this.control.current();
    return current.map(({ platform: { accountName, type, maximumConcurrentTasks }, open }) => ({
      name: accountName,
      type,
      maximumTaskExecutions: maximumConcurrentTasks,
      runningExecutionCount: open.accepted + open.launched,
      ...(open.queued === 0 ? {} : { queuedExecutionCount: open.queued }),
      links: [],
    }));
  }

  @Get('executions/external/:externalExecutionId')
  @Operation({
    summary: 'Show the execution that a pod or process belongs to',
    parameters: ExternalParameters,
    answer: TaskExecutionSchema,
    refusals: [404],
  })
  async external(
    @Parameters(ExternalParameters) { externalExecutionId, platform: name }: z.output<typeof ExternalParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const found = await this.history.findByExternalId(externalExecutionId);
    // SCDF's dashboard writes a missing platform as the text `null`; SCDF answers 404 without a platform.
    if (found === undefined || filled(name) === undefined || name !== found.platformName) {
      throw NoSuchTaskExecutionError.external(externalExecutionId, name);
    }
    return taskExecutionResource(found, frame);
  }

  @Get('executions/:id')
  @Operation({
    summary: 'Show a task execution',
    parameters: OneParameters,
    answer: TaskExecutionSchema,
    refusals: [400, 404],
  })
  async show(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    const target = parseSchemaTarget(parameters.schemaTarget);
    return taskExecutionResource(await this.history.find(target, parameters.id), frame);
  }

  @Post('executions/:ids')
  @HttpCode(200)
  @Operation({ summary: 'Stop task executions', parameters: StopParameters, refusals: [400, 404] })
  async stop(@Parameters(StopParameters) parameters: z.output<typeof StopParameters>): Promise<void> {
    await this.control.stop(parseSchemaTarget(parameters.schemaTarget), parameters.ids, parameters.platform);
  }

  @Delete('executions/:ids')
  @Operation({
    summary: 'Remove task executions from the platform, from the history, or both',
    parameters: RemoveParameters,
    refusals: [400, 404],
  })
  async remove(@Parameters(RemoveParameters) parameters: z.output<typeof RemoveParameters>): Promise<void> {
    const { ids, action = ['CLEANUP'] } = parameters;
    await this.removal.remove(parseSchemaTarget(parameters.schemaTarget), ids, action);
  }

  @Delete('executions')
  @Operation({
    summary: 'Remove all task executions that fit',
    parameters: RemoveAllParameters,
    refusals: [400],
  })
  async removeAll(@Parameters(RemoveAllParameters) parameters: z.output<typeof RemoveAllParameters>): Promise<void> {
    const { action = ['CLEANUP'], completed, name } = parameters;
    const endedBefore = midnightDaysAgo(parameters.days);
    await this.removal.removeAll({ taskName: filled(name), completedOnly: completed, endedBefore }, action);
  }

  @Get('info/executions')
  @Operation({
    summary: 'Count task executions',
    parameters: CountParameters,
    answer: CountSchema,
    refusals: [400],
  })
  async count(@Parameters(CountParameters) parameters: z.output<typeof CountParameters>, @Frame() frame: RequestFrame) {
    const totalExecutions = await this.history.count({
      taskName: filled(parameters.name),
      completed: parameters.completed,
      endedBefore: midnightDaysAgo(parameters.days),
    });
    return { totalExecutions, _links: { self: { href: `${frame.baseUrl}/tasks/info/executions` } } };
  }
}

/** Clients send empty parameters for «none». */
function filled(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

function midnightDaysAgo(days: number | undefined): Date | undefined {
  if (days === undefined) return undefined;
  const midnight = new Date();
  midnight.setUTCHours(0, 0, 0, 0);
  midnight.setUTCDate(midnight.getUTCDate() - days);
  return midnight;
}
