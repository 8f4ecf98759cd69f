import { Controller, Get, Res, UseInterceptors } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { NoSuchPathError } from '../representation/domain-error.js';
import { Operation } from '../representation/operation.js';
import { Parameters, text } from '../representation/parameters.js';
import { ACTUATOR_MEDIA, ActuatorMedia } from './actuator-media.js';
import { type Health, HealthSchema } from './health.resource.js';
import { HealthService } from './health.service.js';

const PartParameters = z.object({ path: text('liveness, readiness, or the name of a part') });
const AccountParameters = z.object({ account: text('Name of the platform account') });

const describeHealth = { answer: HealthSchema, media: ACTUATOR_MEDIA, answersUnavailable: true } as const;

/** `/management/health`: 200 when all is well, 503 when the server can do nothing for its clients. */
@Controller('health')
@UseInterceptors(ActuatorMedia)
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @Operation({ summary: 'Show whether the server can work', ...describeHealth })
  async overall(@Res({ passthrough: true }) response: Response): Promise<Health> {
    return withStatus(response, await this.health.overall());
  }

  @Get('platforms/:account')
  @Operation({ summary: 'Show the health of a platform account', parameters: AccountParameters, ...describeHealth })
  async account(
    @Parameters(AccountParameters) { account }: z.output<typeof AccountParameters>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Health> {
    return withStatus(response, await this.find(`platforms/${account}`));
  }

  @Get(':path')
  @Operation({ summary: 'Show the health of a part, or answer a probe', parameters: PartParameters, ...describeHealth })
  async part(
    @Parameters(PartParameters) { path }: z.output<typeof PartParameters>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Health> {
    return withStatus(response, await this.find(path));
  }

  private async find(path: string): Promise<Health> {
    const found = await this.health.part(path);
    if (found === undefined) throw new NoSuchPathError(path);
    return found;
  }
}

function withStatus(response: Response, health: Health): Health {
  response.status(health.status === 'DOWN' || health.status === 'OUT_OF_SERVICE' ? 503 : 200);
  return health;
}
