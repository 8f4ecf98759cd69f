import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { DefinitionsService, readDefinition } from '../definitions/definitions.service.js';
import { isComposed, type TaskApp, taskApps } from '../dsl/facts.js';
import { RegistryService } from '../registry/registry.service.js';
import { MissingChildrenError } from './composed-launch.errors.js';
import type { ChildLaunch } from './engine/child-launch.js';

/** Knows what stands behind the children of a composed task: their definitions and apps. */
@Injectable()
export class ChildDefinitions {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly definitions: DefinitionsService,
    private readonly registry: RegistryService,
  ) {}

  /** The generation of each child's app, by the child's name; apps that are not registered are missing. */
  async generations(apps: readonly TaskApp[]): Promise<ReadonlyMap<string, '2' | '3'>> {
    const registered = await this.registry.defaultTaskApps(apps.map(({ name }) => name));
    return new Map(
      apps.flatMap(({ name, childName }) => {
        const app = registered.get(name);
        return app === undefined ? [] : [[childName, app.bootVersion] as const];
      }),
    );
  }

  /**
   * Checks that children can be launched.
   * @throws MissingChildrenError that names all that cannot
   */
  async check(task: string, launches: readonly ChildLaunch[]): Promise<void> {
    const definitions = await this.definitions.findAll(launches.map(({ taskName }) => taskName));
    const reasons: string[] = [];
    for (const { taskName, properties } of launches) {
      const definition = definitions.get(taskName);
      if (definition === undefined) {
        if (!this.configuration.task.autoCreateTaskDefinitions)
          reasons.push(`its child ${taskName} is not defined (any more)`);
        continue;
      }
      const parsed = readDefinition(definition);
      const [app] = parsed === undefined ? [] : taskApps(taskName, parsed);
      if (parsed === undefined || app === undefined)
        reasons.push(`the definition of its child ${taskName} cannot be read`);
      else if (isComposed(parsed)) reasons.push(`its child ${taskName} is a composed task itself`);
      else reasons.push(...(await this.missingApp(taskName, app, properties)));
    }
    if (reasons.length > 0) throw new MissingChildrenError(task, reasons);
  }

  private async missingApp(
    child: string,
    { name, label }: TaskApp,
    properties: ReadonlyMap<string, string>,
  ): Promise<readonly string[]> {
    const asked = properties.get(`version.${label ?? name}`) ?? properties.get(`version.${name}`);
    const version = asked?.trim() === '' ? undefined : asked;
    if ((await this.registry.findIfRegistered('task', name, version)) !== null) return [];
    const which = version === undefined ? `app ${name}` : `app ${name} in version ${version}`;
    return [`the ${which} of its child ${child} is not registered (any more)`];
  }
}
