import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { link, type Links, templatedLink } from '../representation/links.js';
import { Operation } from '../representation/operation.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { LinksSchema } from '../representation/resource.js';

/** SCDF's clients refuse a server with any other revision. */
const API_REVISION = 14;

type Relation = readonly [relation: string, path: string];

const ALWAYS_FIRST: readonly Relation[] = [
  ['dashboard', '/dashboard'],
  ['audit-records', '/audit-records'],
  ['schema/versions', '/schema/versions'],
  ['schema/targets', '/schema/targets'],
];

const TASKS: readonly Relation[] = [
  ['tasks/platforms', '/tasks/platforms'],
  ['tasks/definitions', '/tasks/definitions'],
  ['tasks/definitions/definition', '/tasks/definitions/{name}'],
  ['tasks/executions', '/tasks/executions'],
  ['tasks/executions/external', '/tasks/executions/external/{externalExecutionId}{?platform}'],
  ['tasks/executions/launch', '/tasks/executions/launch?name={name}{&properties,arguments}'],
  ['tasks/executions/name', '/tasks/executions{?name}'],
  ['tasks/executions/current', '/tasks/executions/current'],
  ['tasks/executions/execution', '/tasks/executions/{id}{?schemaTarget}'],
  ['tasks/validation', '/tasks/validation/{name}'],
  ['tasks/info/executions', '/tasks/info/executions{?completed,name,days}'],
  ['tasks/logs', '/tasks/logs/{taskExternalExecutionId}{?platformName,schemaTarget}'],
  ['tasks/thinexecutions', '/tasks/thinexecutions'],
];

const SCHEDULES: readonly Relation[] = [
  ['tasks/schedules', '/tasks/schedules'],
  ['tasks/schedules/instances', '/tasks/schedules/instances/{taskDefinitionName}'],
];

const JOBS: readonly Relation[] = [
  ['jobs/executions', '/jobs/executions'],
  ['jobs/executions/name', '/jobs/executions{?name}'],
  ['jobs/executions/status', '/jobs/executions{?status}'],
  ['jobs/executions/execution', '/jobs/executions/{id}'],
  ['jobs/executions/execution/steps', '/jobs/executions/{jobExecutionId}/steps'],
  ['jobs/executions/execution/steps/step', '/jobs/executions/{jobExecutionId}/steps/{stepId}'],
  ['jobs/executions/execution/steps/step/progress', '/jobs/executions/{jobExecutionId}/steps/{stepId}/progress'],
  ['jobs/instances/name', '/jobs/instances{?name}'],
  ['jobs/instances/instance', '/jobs/instances/{id}'],
  ['tools/parseTaskTextToGraph', '/tools'],
  ['tools/convertTaskGraphToText', '/tools'],
  ['jobs/thinexecutions', '/jobs/thinexecutions'],
  ['jobs/thinexecutions/name', '/jobs/thinexecutions{?name}'],
  ['jobs/thinexecutions/jobInstanceId', '/jobs/thinexecutions{?jobInstanceId}'],
  ['jobs/thinexecutions/taskExecutionId', '/jobs/thinexecutions{?taskExecutionId}'],
];

const ALWAYS_LAST: readonly Relation[] = [
  ['apps', '/apps'],
  ['about', '/about'],
  ['completions/stream', '/completions/stream{?start,detailLevel}'],
  ['completions/task', '/completions/task{?start,detailLevel}'],
];

/** `/`: every link relation that clients navigate by. A missing relation is how they know that a feature is off. */
@Controller()
export class RootController {
  constructor(@Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration) {}

  @Get()
  @Operation({
    summary: 'List the link relations that clients navigate by',
    answer: z.object({ _links: LinksSchema, 'api.revision': z.literal(API_REVISION) }),
  })
  root(@Frame() frame: RequestFrame) {
    const { tasksEnabled, schedulesEnabled } = this.configuration.features;
    const relations = [
      ...ALWAYS_FIRST,
      ...(tasksEnabled ? TASKS : []),
      ...(tasksEnabled && schedulesEnabled ? SCHEDULES : []),
      ...(tasksEnabled ? JOBS : []),
      ...ALWAYS_LAST,
    ];
    const links: Links = Object.fromEntries(
      relations.map(([relation, path]) => {
        const href = `${frame.baseUrl}${path}`;
        return [relation, path.includes('{') ? templatedLink(href) : link(href)];
      }),
    );
    return { _links: links, 'api.revision': API_REVISION };
  }
}
