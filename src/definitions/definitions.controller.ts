import { Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { ExecutionHistoryService } from '../executions/execution-history.service.js';
import { ExecutionRemovalService } from '../executions/execution-removal.service.js';
import { DomainError } from '../representation/domain-error.js';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { flag, optionalText, Parameters, text } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { childrenOf, DEFINITION_SORT_PROPERTIES, DefinitionsService } from './definitions.service.js';
import { TaskDefinitionPageSchema, taskDefinitionResource, TaskDefinitionSchema } from './task-definition.resource.js';

const manifest = flag('Show what the last execution was launched with', false);

const ListParameters = z.object({
  search: optionalText('Part of the name'),
  taskName: optionalText('Part of the name; the same as search'),
  description: optionalText('Part of the description'),
  dslText: optionalText('Part of the definition'),
  manifest,
});

const OneParameters = z.object({ name: text('Name of the task'), manifest });

const CreateParameters = z.object({
  name: text('Name of the task'),
  definition: text('Task definition in the DSL'),
  description: optionalText('What it is for'),
});

const DeleteParameters = z.object({
  name: text('Name of the task'),
  cleanup: flag('Remove its executions, their data and what they left on the platform as well', false),
});

/** Two different parts of the name cannot be searched for at once. */
class ConflictingSearchError extends DomainError {
  readonly status = 400;
  readonly logref = 'TaskQueryParamException';

  constructor() {
    super(
      'The following params cannot be used together in the API request: taskName (or search), description, dslText',
    );
  }
}

/** `/tasks/definitions`: what can be launched. */
@Controller('tasks/definitions')
export class DefinitionsController {
  constructor(
    private readonly definitions: DefinitionsService,
    private readonly history: ExecutionHistoryService,
    private readonly removal: ExecutionRemovalService,
  ) {}

  @Get()
  @Operation({
    summary: 'List task definitions',
    parameters: ListParameters,
    sortable: Object.keys(DEFINITION_SORT_PROPERTIES),
    answer: TaskDefinitionPageSchema,
    refusals: [400],
  })
  async list(@Parameters(ListParameters) parameters: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const filter = filterOf(parameters);
    const request = pageRequestOf(frame);
    const page = await this.definitions.list(filter, request);
    const names = page.elements.map((definition) => definition.name);
    const [latest, parents] = await Promise.all([
      this.history.latestOf(names, parameters.manifest),
      this.parentsOf(names),
    ]);
    const resources = page.elements.map((definition) =>
      taskDefinitionResource(
        definition,
        {
          lastExecution: latest.get(definition.name),
          withManifest: parameters.manifest,
          composedTaskElement: parents.has(definition.name),
        },
        frame,
      ),
    );
    return pagedResource('taskDefinitionResourceList', resources, page.totalElements, request, frame);
  }

  @Post()
  @HttpCode(200)
  @Operation({
    summary: 'Define a task',
    parameters: CreateParameters,
    answer: TaskDefinitionSchema,
    refusals: [400, 404, 409],
  })
  async create(
    @Parameters(CreateParameters) parameters: z.output<typeof CreateParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const { name, definition: dslText, description = '' } = parameters;
    const definition = await this.definitions.create(name, dslText, description);
    const context = { lastExecution: undefined, withManifest: false, composedTaskElement: false };
    return taskDefinitionResource(definition, context, frame);
  }

  @Get(':name')
  @Operation({
    summary: 'Show a task definition',
    parameters: OneParameters,
    answer: TaskDefinitionSchema,
    refusals: [400, 404],
  })
  async show(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    const definition = await this.definitions.find(parameters.name);
    const latest = await this.history.latestOf([definition.name], parameters.manifest);
    const parents = await this.parentsOf([definition.name]);
    const context = {
      lastExecution: latest.get(definition.name),
      withManifest: parameters.manifest,
      composedTaskElement: parents.has(definition.name),
    };
    return taskDefinitionResource(definition, context, frame);
  }

  @Delete(':name')
  @Operation({ summary: 'Delete a task definition', parameters: DeleteParameters, refusals: [400, 404] })
  async delete(@Parameters(DeleteParameters) { name, cleanup }: z.output<typeof DeleteParameters>): Promise<void> {
    const definition = await this.definitions.find(name);
    if (cleanup) {
      for (const taskName of [name, ...childrenOf(definition)]) {
        await this.removal.removeAll({ taskName, completedOnly: false }, ['CLEANUP', 'REMOVE_DATA']);
      }
    }
    await this.definitions.delete(name);
  }

  @Delete()
  @Operation({ summary: 'Delete all task definitions' })
  async deleteAll(): Promise<void> {
    await this.definitions.deleteAll();
  }

  /**
   * The names that are children of composed tasks. A child is called `<parent>-<label>`, so every prefix that ends before a
   * dash may be its parent; SCDF looks at the first dash, or at the same page, only.
   */
  private async parentsOf(names: readonly string[]): Promise<ReadonlySet<string>> {
    const candidates = new Map(names.map((name) => [name, prefixesOf(name)]));
    const composed = await this.definitions.composedAmong([...candidates.values()].flat());
    return new Set(names.filter((name) => candidates.get(name)?.some((prefix) => composed.has(prefix))));
  }
}

function filterOf(parameters: z.output<typeof ListParameters>) {
  const { search, taskName, description, dslText } = parameters;
  if (search !== undefined && taskName !== undefined && search !== taskName) throw new ConflictingSearchError();
  return { taskName: taskName ?? search, description, dslText };
}

function prefixesOf(name: string): string[] {
  const parts = name.split('-');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('-'));
}
