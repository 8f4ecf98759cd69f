import { type DynamicModule, type INestApplication, Module, type Provider, type Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import {
  CONFIGURATION,
  type ManagementConfiguration,
  type MillraceConfiguration,
} from '../configuration/configuration.js';
import { CompositionModule } from '../composition/composition.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { LaunchingModule } from '../launching/launching.module.js';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { IndexController } from './index.controller.js';
import { InfoController } from './info.controller.js';
import { CompositionMetrics } from './composition-metrics.js';
import { LaunchMetrics } from './launch-metrics.js';
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
  /** Services, and the endpoints unless they have a listener of their own or none. */
  static with({ management }: MillraceConfiguration): DynamicModule {
    const here = management.listener === 'server';
    return {
      module: ManagementModule,
      imports: [
        CompositionModule,
        DatabaseModule,
        LaunchingModule,
        PlatformsModule,
        ...(here ? [RouterModule.register([{ path: management.basePath, module: ManagementModule }])] : []),
      ],
      providers: [
        HealthService,
        ...(servedEndpoints(management).includes('prometheus')
          ? [LaunchMetrics, CompositionMetrics, PrometheusMetrics]
          : []),
      ],
      controllers: here ? controllersOf(management) : [],
    };
  }

  /** The endpoints for an application of their own, which takes the services from the server. */
  static apart(configuration: MillraceConfiguration, server: INestApplication): DynamicModule {
    const { management } = configuration;
    const health = server.get<HealthService>(HealthService);
    const metrics = servedEndpoints(management).includes('prometheus') ? [metricsOf(server)] : [];
    return {
      module: ManagementModule,
      imports: [RouterModule.register([{ path: management.basePath, module: ManagementModule }])],
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        { provide: HealthService, useValue: health },
        ...metrics,
      ],
      controllers: controllersOf(management),
    };
  }
}

function controllersOf(management: ManagementConfiguration): Type[] {
  const index = management.basePath === '' ? [] : [IndexController];
  return [...index, ...servedEndpoints(management).map((endpoint) => CONTROLLERS[endpoint])];
}

/** Nest would start and stop the collector itself a second time. */
function metricsOf(server: INestApplication): Provider {
  const metrics = server.get<PrometheusMetrics>(PrometheusMetrics);
  const exporting: Pick<PrometheusMetrics, 'export'> = { export: () => metrics.export() };
  return { provide: PrometheusMetrics, useValue: exporting };
}
