import { Injectable } from '@nestjs/common';
import { type EntityManager, type FindOptionsWhere, In, Raw } from 'typeorm';
import { AuditService } from '../audit/audit.service.js';
import { Database } from '../database/database.js';
import type { TaskNode } from '../dsl/ast.js';
import { TaskDslError } from '../dsl/errors.js';
import { childDefinitions } from '../dsl/expand.js';
import { isComposed, taskApps } from '../dsl/facts.js';
import { maskDsl } from '../dsl/mask.js';
import { parseTask } from '../dsl/parse.js';
import { NoSuchAppRegistrationError } from '../registry/registry.errors.js';
import { RegistryService } from '../registry/registry.service.js';
import type { Page, PageRequest } from '../representation/page.js';
import { sortOrder } from '../representation/sort.js';
import {
  DuplicateTaskError,
  InvalidTaskDefinitionError,
  NoSuchTaskDefinitionError,
  TaskDefinitionTooLongError,
} from './definitions.errors.js';
import { TaskDefinition } from './task-definition.entity.js';

export type { TaskDefinition };

/** Parts of fields that a listed definition must contain; all of those given must match. */
export interface DefinitionFilter {
  readonly taskName?: string | undefined;
  readonly description?: string | undefined;
  readonly dslText?: string | undefined;
}

/** What a list of definitions can be sorted by. */
export const DEFINITION_SORT_PROPERTIES = {
  taskName: 'name',
  dslText: 'dslText',
  description: 'description',
} as const;

/** Columns are varchar(255). */
const MAXIMUM_LENGTH = 255;

/** Keeps the task definitions: a name, and the text that says which apps run how. */
@Injectable()
export class DefinitionsService {
  constructor(
    private readonly database: Database,
    private readonly registry: RegistryService,
    private readonly audit: AuditService,
  ) {}

  /** @throws InvalidSortError */
  async list(filter: DefinitionFilter, request: PageRequest): Promise<Page<TaskDefinition>> {
    const [elements, totalElements] = await this.database.dataSource.getRepository(TaskDefinition).findAndCount({
      where: whereOf(filter),
      // Without an order of its own the list shows what was defined first, as SCDF's does: the order of the heap.
      order: sortOrder<TaskDefinition>(request, DEFINITION_SORT_PROPERTIES, 'TaskDefinition'),
      skip: request.offset,
      take: request.size,
    });
    return { elements, totalElements };
  }

  /** @throws NoSuchTaskDefinitionError */
  async find(name: string): Promise<TaskDefinition> {
    const found = await this.findIfDefined(name);
    if (found === null) throw new NoSuchTaskDefinitionError(name);
    return found;
  }

  /** Like {@link find}, with null for a task that is not defined. */
  async findIfDefined(name: string): Promise<TaskDefinition | null> {
    return this.database.dataSource.getRepository(TaskDefinition).findOneBy({ name });
  }

  /** Those of these tasks that are defined, by their names. */
  async findAll(names: readonly string[]): Promise<ReadonlyMap<string, TaskDefinition>> {
    if (names.length === 0) return new Map();
    const found = await this.database.dataSource
      .getRepository(TaskDefinition)
      .findBy({ name: In([...new Set(names)]) });
    return new Map(found.map((definition) => [definition.name, definition]));
  }

  /** Which of these names are defined as composed tasks. */
  async composedAmong(names: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.findAll(names);
    return new Set([...found.values()].filter(isComposedDefinition).map((definition) => definition.name));
  }

  /**
   * Defines a task; a composed one together with its children.
   * @throws InvalidTaskDefinitionError, TaskDefinitionTooLongError
   * @throws DuplicateTaskError when its name or that of a child is taken
   * @throws NoSuchAppRegistrationError when an app is not registered
   */
  async create(name: string, dslText: string, description: string): Promise<TaskDefinition> {
    const task = parseDefinition(name, dslText);
    checkLength('description', description);
    const children = isComposed(task) ? childDefinitions(name, task) : [];
    for (const taken of [name, ...children.map((child) => child.name)]) checkLength('name of a task', taken);
    await this.checkApps(name, task);
    const definition: TaskDefinition = { name, dslText, description };
    await this.database.transaction(async ({ manager }) => {
      const rows = [
        ...children.map((child) => ({ name: child.name, dslText: child.dsl, description: null })),
        definition,
      ];
      await this.refuseDuplicates(manager, rows);
      for (const row of rows) {
        await manager.insert(TaskDefinition, row);
      }
      await this.record(manager, 'CREATE', definition);
    });
    return definition;
  }

  /**
   * Deletes a definition; a composed one together with its children. Its executions stay.
   * @throws NoSuchTaskDefinitionError
   */
  async delete(name: string): Promise<void> {
    const definition = await this.find(name);
    const children = childrenOf(definition);
    await this.database.transaction(async ({ manager }) => {
      const deleted = await manager.findBy(TaskDefinition, { name: In([name, ...children]) });
      for (const row of deleted) await manager.delete(TaskDefinition, row.name);
      // One record as for the creation, also as in SCDF: the children are a part of the composed task.
      if (deleted.some((row) => row.name === name)) await this.record(manager, 'DELETE', definition);
    });
  }

  /** Deletes every definition. @returns their names */
  async deleteAll(): Promise<readonly string[]> {
    return this.database.transaction(async ({ manager }) => {
      const all = await manager.find(TaskDefinition, { order: { name: 'ASC' } });
      for (const definition of all) {
        await manager.delete(TaskDefinition, definition.name);
        await this.record(manager, 'DELETE', definition);
      }
      return all.map((definition) => definition.name);
    });
  }

  private async checkApps(name: string, task: TaskNode): Promise<void> {
    const needed = taskApps(name, task).filter((app) => !app.endState);
    const registered = await this.registry.defaultTaskApps(needed.map((app) => app.name));
    for (const app of needed) {
      if (!registered.has(app.name)) throw new NoSuchAppRegistrationError('task', app.name);
    }
  }

  private async refuseDuplicates(manager: EntityManager, rows: readonly TaskDefinition[]): Promise<void> {
    // Writers of one name take turns, so that the second finds the first's row instead of a unique violation.
    for (const { name } of [...rows].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`task:${name}`]);
    }
    const taken = await manager.findBy(TaskDefinition, { name: In(rows.map((row) => row.name)) });
    const first = rows.find((row) => taken.some((other) => other.name === row.name));
    if (first !== undefined) throw new DuplicateTaskError(first.name);
  }

  private async record(manager: EntityManager, action: 'CREATE' | 'DELETE', definition: TaskDefinition): Promise<void> {
    const data = maskDsl(definition.dslText);
    await this.audit.record(manager, { operation: 'TASK', action, correlationId: definition.name, data });
  }
}

/** Parses and checks a definition. @throws InvalidTaskDefinitionError */
export function parseDefinition(name: string, dslText: string): TaskNode {
  try {
    return parseTask(name, dslText);
  } catch (error) {
    if (error instanceof TaskDslError) throw new InvalidTaskDefinitionError(error);
    throw error;
  }
}

/** Whether a stored definition is a composed task; a text that cannot be read (any more) is none. */
function isComposedDefinition(definition: Pick<TaskDefinition, 'name' | 'dslText'>): boolean {
  const task = readDefinition(definition);
  return task !== undefined && isComposed(task);
}

/** Names of the child tasks of a stored composed definition; empty for others. */
export function childrenOf(definition: Pick<TaskDefinition, 'name' | 'dslText'>): readonly string[] {
  const task = readDefinition(definition);
  return task !== undefined && isComposed(task)
    ? childDefinitions(definition.name, task).map((child) => child.name)
    : [];
}

/** A stored definition, taken apart; undefined for a text that cannot be read (any more). */
export function readDefinition({ name, dslText }: Pick<TaskDefinition, 'name' | 'dslText'>): TaskNode | undefined {
  try {
    return parseTask(name, dslText, { validate: false });
  } catch (error) {
    if (error instanceof TaskDslError) return undefined;
    throw error;
  }
}

function whereOf(filter: DefinitionFilter): FindOptionsWhere<TaskDefinition> {
  const contains = (parameter: string, part: string) =>
    Raw((column) => `position(:${parameter} IN ${column}) > 0`, { [parameter]: part });
  return {
    ...(filter.taskName === undefined ? {} : { name: contains('namePart', filter.taskName) }),
    ...(filter.description === undefined ? {} : { description: contains('descriptionPart', filter.description) }),
    ...(filter.dslText === undefined ? {} : { dslText: contains('dslPart', filter.dslText) }),
  };
}

function checkLength(what: string, text: string): void {
  if (text.length > MAXIMUM_LENGTH) throw new TaskDefinitionTooLongError(what, MAXIMUM_LENGTH, text.length);
}
