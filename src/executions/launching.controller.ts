import { Controller, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { TaskLauncher } from '../composition/task-launcher.service.js';
import { link } from '../representation/links.js';
import { Operation } from '../representation/operation.js';
import { optionalText, Parameters, text } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, SchemaTargetSchema } from '../representation/resource.js';
import { parseArguments } from '../launching/command-line-arguments.js';
import { parseLaunchProperties } from '../launching/launch-properties.js';
import { ApiNotSupportedError } from '../launching/launching.errors.js';

const LaunchParameters = z.object({
  name: text('Name of the task'),
  properties: optionalText('key=value, comma separated: app.…, deployer.…, version.…, scheduler.…'),
  arguments: optionalText('Command-line arguments, blank separated; quotes keep one together'),
});

const LaunchSchema = z
  .object({ executionId: z.number().int(), schemaTarget: SchemaTargetSchema, _links: LinksSchema })
  .meta({ id: 'LaunchResponse' });

/** Launching of tasks, by the call that knows both generations and by the old one. */
@Controller('tasks/executions')
export class LaunchingController {
  constructor(private readonly launcher: TaskLauncher) {}

  @Post('launch')
  @HttpCode(201)
  @Operation({
    summary: 'Launch a task',
    description: 'An execution that was answered with 201 happens exactly once, whatever dies when.',
    parameters: LaunchParameters,
    status: 201,
    answer: LaunchSchema,
    refusals: [400, 404, 409, 422, 429],
  })
  async launch(
    @Parameters(LaunchParameters) parameters: z.output<typeof LaunchParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const { id, schemaTarget } = await this.launcher.launch(orderOf(parameters));
    const self = link(`${frame.baseUrl}/tasks/executions/${id}?schemaTarget=${schemaTarget}`);
    return { executionId: id, schemaTarget, _links: { self } };
  }

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Launch a Boot 2 task; answers its execution id as a bare number',
    parameters: LaunchParameters,
    status: 201,
    answer: z.number().int(),
    refusals: [400, 404, 409, 422, 429],
  })
  async launchBoot2(
    @Parameters(LaunchParameters) parameters: z.output<typeof LaunchParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const order = orderOf(parameters);
    if ((await this.launcher.bootVersionOf(order.taskName)) === '3') {
      throw new ApiNotSupportedError(
        order.taskName,
        `${frame.baseUrl}/tasks/executions/launch?name=${order.taskName}{&properties,arguments}`,
      );
    }
    return (await this.launcher.launch(order)).id;
  }
}

function orderOf(parameters: z.output<typeof LaunchParameters>) {
  return {
    taskName: parameters.name,
    properties: parseLaunchProperties(parameters.properties ?? ''),
    arguments: parseArguments(parameters.arguments ?? ''),
  };
}
