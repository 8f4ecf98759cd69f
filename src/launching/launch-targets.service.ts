import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { NoSuchTaskDefinitionError } from '../definitions/definitions.errors.js';
import { DefinitionsService, parseDefinition, type TaskDefinition } from '../definitions/definitions.service.js';
import type { TaskNode } from '../dsl/ast.js';
import type { TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { findTask, type FoundTask } from './launch-reading.sql.js';
import { InvalidTaskNameError, NoSuchPlatformError } from './launching.errors.js';
import { type Manifest, parseManifest } from './manifest.js';

/** What is to be launched, as far as the database knows it. */
export interface TaskToLaunch {
  readonly definition: TaskDefinition;
  readonly task: TaskNode;
  /** Of the last launch; null when there is none. */
  readonly lastManifest: Manifest | null;
  /** See {@link FoundTask.firstApp}. */
  readonly firstApp: FoundTask['firstApp'];
}

/** Column of the task's name in the execution's row. */
const MAXIMUM_NAME_LENGTH = 100;

/** Finds what a launch names: the task, and the platform account. */
@Injectable()
export class LaunchTargets {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly definitions: DefinitionsService,
    private readonly platforms: PlatformRegistry,
  ) {}

  /**
   * Looks up a task, defining it first if the server is set to (`auto-create-task-definitions`).
   * @throws InvalidTaskNameError, NoSuchTaskDefinitionError, InvalidTaskDefinitionError
   */
  async task(name: string): Promise<TaskToLaunch> {
    checkName(name);
    const found = await findTask(this.database, name);
    const definition = found.definition ?? (await this.define(name));
    const lastManifest = parseManifest(found.lastManifest);
    const task = parseDefinition(name, definition.dslText);
    return { definition, task, lastManifest, firstApp: found.firstApp };
  }

  /** @throws NoSuchTaskDefinitionError */
  async definition(name: string): Promise<TaskDefinition> {
    return (await this.definitions.findIfDefined(name)) ?? this.define(name);
  }

  private async define(name: string): Promise<TaskDefinition> {
    if (!this.configuration.task.autoCreateTaskDefinitions) throw new NoSuchTaskDefinitionError(name);
    return this.definitions.create(name, name, '');
  }

  /**
   * The account of that name; `default` without one. With one account only it is used whatever was asked for, as in SCDF.
   * @throws NoSuchPlatformError
   */
  platform(asked: string | undefined): TaskPlatform {
    const all = this.platforms.all();
    const [only] = all;
    if (all.length === 1 && only !== undefined) return only;
    const name = asked === undefined || asked === '' ? 'default' : asked;
    const platform = this.platforms.find(name);
    if (platform === undefined) throw new NoSuchPlatformError(name, this.platforms.names());
    return platform;
  }
}

function checkName(taskName: string): void {
  if (taskName.length > MAXIMUM_NAME_LENGTH) {
    throw new InvalidTaskNameError(
      `Task name ${taskName.slice(0, 20)}… has ${taskName.length} characters; executions keep at most ${MAXIMUM_NAME_LENGTH}.`,
    );
  }
}
