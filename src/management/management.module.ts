import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import type { MillraceConfiguration } from '../configuration/configuration.js';
import { DatabaseModule } from '../database/database.module.js';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { IndexController } from './index.controller.js';
import { InfoController } from './info.controller.js';
import { PrometheusController } from './prometheus.controller.js';
import { PrometheusMetrics } from './prometheus-metrics.js';
import { type ManagementEndpoint, servedEndpoints } from './served-endpoints.js';

const CONTROLLERS: Readonly<Record<ManagementEndpoint, Type>> = {
  health: HealthController,
  info: InfoController,
  prometheus: PrometheusController,
};

/** The endpoints of Spring Boot's actuator that operators of SCDF use, below the base path of the configuration. */
@Module({})
export class ManagementModule {
  static with({ management }: MillraceConfiguration): DynamicModule {
    const served = servedEndpoints(management);
    const index = management.basePath === '' ? [] : [IndexController];
    return {
      module: ManagementModule,
      imports: [
        DatabaseModule,
        PlatformsModule,
        RouterModule.register([{ path: management.basePath, module: ManagementModule }]),
      ],
      providers: [HealthService, ...(served.includes('prometheus') ? [PrometheusMetrics] : [])],
      controllers: [...index, ...served.map((endpoint) => CONTROLLERS[endpoint])],
    };
  }
}
