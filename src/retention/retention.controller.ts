import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { removalResource, RemovalSchema } from '../executions/removal-run.resource.js';
import { Operation } from '../representation/operation.js';
import { optionalFlag, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { retentionResource, RetentionSchema } from './retention.resource.js';
import { RetentionService } from './retention.service.js';

const StartParameters = z.object({
  dryRun: optionalFlag('Only say what would be removed; as millrace.retention.dry-run says if missing'),
});

/** `/millrace/retention`: which executions are removed by and by, and runs that do it. Not in SCDF. */
@Controller('millrace/retention')
export class RetentionController {
  constructor(private readonly retention: RetentionService) {}

  @Get()
  @Operation({
    summary: 'Show the retention policy, its last run, and what is due now',
    description:
      'What is due is counted up to some thousands of executions; a dry run counts all of them. Not in SCDF.',
    answer: RetentionSchema,
  })
  async show(@Frame() frame: RequestFrame) {
    return retentionResource(await this.retention.state(), frame);
  }

  @Post('runs')
  @HttpCode(202)
  @Operation({
    summary: 'Start a run of the retention',
    description:
      'Also where it is not enabled: then nothing is removed but by such runs. It goes on in the background; ' +
      '/millrace/removals/{id} shows its progress. Refused while one is under way on any server. Not in SCDF.',
    parameters: StartParameters,
    status: 202,
    answer: RemovalSchema,
    refusals: [400, 409],
  })
  async start(@Parameters(StartParameters) { dryRun }: z.output<typeof StartParameters>, @Frame() frame: RequestFrame) {
    return removalResource(await this.retention.start(dryRun), frame);
  }
}
