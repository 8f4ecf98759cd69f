import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AboutController } from './about/about.controller.js';
import { RootController } from './about/root.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditModule } from './audit/audit.module.js';
import { CompositionModule } from './composition/composition.module.js';
import { RunnerOptionsController } from './composition/runner-options.controller.js';
import { CONFIGURATION, type MillraceConfiguration } from './configuration/configuration.js';
import { DashboardController } from './dashboard/dashboard.controller.js';
import { DatabaseModule } from './database/database.module.js';
import { DefinitionsController } from './definitions/definitions.controller.js';
import { DefinitionsModule } from './definitions/definitions.module.js';
import { ValidationController } from './definitions/validation.controller.js';
import { ExecutionsController } from './executions/executions.controller.js';
import { LaunchingController } from './executions/launching.controller.js';
import { OrphansController } from './executions/orphans.controller.js';
import { ExecutionsModule } from './executions/executions.module.js';
import { JobExecutionsController } from './jobs/job-executions.controller.js';
import { JobInstancesController } from './jobs/job-instances.controller.js';
import { JobsModule } from './jobs/jobs.module.js';
import { StepExecutionsController } from './jobs/step-executions.controller.js';
import { ThinJobExecutionsController } from './jobs/thin-job-executions.controller.js';
import { LaunchesController } from './launching/launches.controller.js';
import { LaunchingModule } from './launching/launching.module.js';
import { PlatformsController } from './launching/platforms.controller.js';
import { LogsController } from './logs/logs.controller.js';
import { LogsModule } from './logs/logs.module.js';
import { ManagementModule } from './management/management.module.js';
import { LOGGER, type ServerLogger } from './observability/logger.js';
import { OpenApiController, SwaggerUiController } from './openapi/openapi.controller.js';
import { OpenApiModule } from './openapi/openapi.module.js';
import { PlatformsModule } from './platforms/platforms.module.js';
import { RegistryController } from './registry/registry.controller.js';
import { RegistryModule } from './registry/registry.module.js';
import { ResourcesModule } from './resources/resources.module.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { SchemaController } from './schema/schema.controller.js';
import { CompletionsController } from './tools/completions.controller.js';
import { ToolsController } from './tools/tools.controller.js';

/** What every room may ask for: the configuration and the logger. */
@Global()
@Module({})
class FoundationModule {
  static with(configuration: MillraceConfiguration, logger: ServerLogger): DynamicModule {
    return {
      module: FoundationModule,
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        { provide: LOGGER, useValue: logger },
      ],
      exports: [CONFIGURATION, LOGGER],
    };
  }
}

const ALWAYS = [
  RootController,
  AboutController,
  SchemaController,
  RegistryController,
  AuditController,
  CompletionsController,
  DashboardController,
];

/** Order matters where one path could be read as another: `executions/launch` before `executions/{ids}`. */
const TASKS = [
  LaunchingController,
  LaunchesController,
  PlatformsController,
  ValidationController,
  DefinitionsController,
  ExecutionsController,
  LogsController,
  OrphansController,
  JobExecutionsController,
  ThinJobExecutionsController,
  JobInstancesController,
  StepExecutionsController,
  ToolsController,
  RunnerOptionsController,
];

/** The list of features, nothing else: modules hold services, controllers are listed here. */
@Module({})
export class ServerModule {
  /** The features that the configuration switches on. */
  static with(configuration: MillraceConfiguration, logger: ServerLogger): DynamicModule {
    return {
      module: ServerModule,
      imports: [
        FoundationModule.with(configuration, logger),
        DatabaseModule,
        ResourcesModule,
        PlatformsModule,
        AuditModule,
        RegistryModule,
        DefinitionsModule,
        LaunchingModule,
        CompositionModule,
        ExecutionsModule,
        LogsModule,
        JobsModule,
        OpenApiModule,
        ManagementModule.with(configuration),
      ],
      controllers: [
        ...ALWAYS,
        ...(configuration.features.tasksEnabled ? TASKS : []),
        ...(configuration.features.tasksEnabled && configuration.features.schedulesEnabled
          ? [SchedulesController]
          : []),
        ...(configuration.server.apiDocument ? [OpenApiController] : []),
        ...(configuration.server.swaggerUi ? [SwaggerUiController] : []),
      ],
    };
  }
}
