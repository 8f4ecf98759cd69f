import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AboutController } from './about/about.controller.js';
import { RootController } from './about/root.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditModule } from './audit/audit.module.js';
import { CONFIGURATION, PARENT_ENVIRONMENT } from './configuration/configuration-token.js';
import type { MillraceConfiguration } from './configuration/configuration.js';
import { DatabaseModule } from './database/database.module.js';
import { DefinitionsController } from './definitions/definitions.controller.js';
import { DefinitionsModule } from './definitions/definitions.module.js';
import { ValidationController } from './definitions/validation.controller.js';
import { ExecutionsController } from './executions/executions.controller.js';
import { ExecutionsModule } from './executions/executions.module.js';
import { LaunchingController } from './launching/launching.controller.js';
import { LaunchingModule } from './launching/launching.module.js';
import { PlatformsController } from './launching/platforms.controller.js';
import { LOGGER, type ServerLogger } from './observability/logger.js';
import { PlatformsModule } from './platforms/platforms.module.js';
import { RegistryController } from './registry/registry.controller.js';
import { RegistryModule } from './registry/registry.module.js';
import { ResourcesModule } from './resources/resources.module.js';
import { SchemaController } from './schema/schema.controller.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What every room may ask for: the configuration and the logger. */
@Global()
@Module({})
class FoundationModule {
  static with(configuration: MillraceConfiguration, environment: Environment, logger: ServerLogger): DynamicModule {
    return {
      module: FoundationModule,
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        { provide: PARENT_ENVIRONMENT, useValue: environment },
        { provide: LOGGER, useValue: logger },
      ],
      exports: [CONFIGURATION, PARENT_ENVIRONMENT, LOGGER],
    };
  }
}

const ALWAYS = [RootController, AboutController, SchemaController, RegistryController, AuditController];

/** Order matters where one path could be read as another: `executions/launch` before `executions/{ids}`. */
const TASKS = [
  LaunchingController,
  PlatformsController,
  ValidationController,
  DefinitionsController,
  ExecutionsController,
];

/** The list of features, nothing else: modules hold services, controllers are listed here. */
@Module({})
export class ServerModule {
  /** The features that the configuration switches on. */
  static with(configuration: MillraceConfiguration, environment: Environment, logger: ServerLogger): DynamicModule {
    return {
      module: ServerModule,
      imports: [
        FoundationModule.with(configuration, environment, logger),
        DatabaseModule,
        ResourcesModule,
        PlatformsModule,
        AuditModule,
        RegistryModule,
        DefinitionsModule,
        LaunchingModule,
        ExecutionsModule,
      ],
      controllers: [...ALWAYS, ...(configuration.features.tasksEnabled ? TASKS : [])],
    };
  }
}
