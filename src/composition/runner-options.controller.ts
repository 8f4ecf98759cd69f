import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { ConfigurationPropertySchema } from '../registry/metadata/app-metadata.js';
import { Operation } from '../representation/operation.js';
import { RUNNER_OPTIONS } from './runner-options.js';

/** `/tasks/ctr/options`: what the launch of a composed task can say to all of it. */
@Controller('tasks/ctr')
export class RunnerOptionsController {
  @Get('options')
  @Operation({
    summary: 'List the options of composed tasks as a whole',
    description: 'Given as app.composed-task-runner.<name>=<value>, or as an argument --<name>=<value>.',
    answer: z.array(ConfigurationPropertySchema),
  })
  options() {
    return RUNNER_OPTIONS;
  }
}
