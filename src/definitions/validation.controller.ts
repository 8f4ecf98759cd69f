import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { isComposed, taskApps } from '../dsl/facts.js';
import { maskDsl } from '../dsl/mask.js';
import { AppMetadataService } from '../registry/metadata/app-metadata.service.js';
import { RegistryService } from '../registry/registry.service.js';
import { Operation } from '../representation/operation.js';
import { Parameters, text } from '../representation/parameters.js';
import { DefinitionsService, parseDefinition } from './definitions.service.js';

const OneParameters = z.object({ name: text('Name of the task') });

const ValidationSchema = z
  .object({
    appName: z.string(),
    dsl: z.string().describe('Secrets masked'),
    description: z.string().nullable(),
    appStatuses: z.record(z.string(), z.enum(['valid', 'invalid'])),
  })
  .meta({ id: 'TaskAppStatus' });

/** `/tasks/validation`: whether everything that a task needs is there. */
@Controller('tasks/validation')
export class ValidationController {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly definitions: DefinitionsService,
    private readonly registry: RegistryService,
    private readonly metadata: AppMetadataService,
  ) {}

  @Get(':name')
  @Operation({
    summary: 'Validate the apps of a task',
    description:
      'An app is valid when it is registered and its jar, program or image can be had; that of a composed task also needs its child definition.',
    parameters: OneParameters,
    answer: ValidationSchema,
    refusals: [400, 404],
  })
  async validate(
    @Parameters(OneParameters) { name }: z.output<typeof OneParameters>,
  ): Promise<z.infer<typeof ValidationSchema>> {
    const definition = await this.definitions.find(name);
    const task = parseDefinition(name, definition.dslText);
    const composed = isComposed(task);
    const apps = taskApps(name, task).filter((candidate) => !candidate.endState);
    const children = await this.definitions.findAll(composed ? apps.map(({ childName }) => childName) : []);
    const appStatuses: Record<string, 'valid' | 'invalid'> = {};
    for (const app of apps) {
      // As a launch sees it: a child that is not defined any more cannot run.
      const isThere = !composed || children.has(app.childName) || this.configuration.task.autoCreateTaskDefinitions;
      const isValid = isThere && (await this.isValid(app.name));
      appStatuses[`task:${composed ? app.childName : name}`] = isValid ? 'valid' : 'invalid';
    }
    return { appName: name, dsl: maskDsl(definition.dslText), description: definition.description, appStatuses };
  }

  private async isValid(appName: string): Promise<boolean> {
    const app = await this.registry.findIfRegistered('task', appName);
    return app !== null && (await this.metadata.isResolvable(app));
  }
}
