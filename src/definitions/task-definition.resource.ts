import { z } from 'zod';
import { LastTaskExecutionSchema, lastTaskExecutionResource } from '../executions/task-execution.resource.js';
import { type LatestExecution, TASK_EXECUTION_STATUSES } from '../executions/task-execution.js';
import { link, segment } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema } from '../representation/resource.js';
import { shownDefinition } from './shown-definition.js';
import type { TaskDefinition } from './task-definition.entity.js';

/** A task definition on the wire. */
export const TaskDefinitionSchema = z
  .object({
    name: z.string(),
    dslText: z.string().describe('Secrets masked'),
    description: z.string().nullable().describe('Null for children of composed tasks'),
    composed: z.boolean(),
    composedTaskElement: z.boolean().describe('Whether it is the child of a composed task'),
    lastTaskExecution: LastTaskExecutionSchema.nullable(),
    status: z.enum(TASK_EXECUTION_STATUSES).describe('Status of the last execution'),
    _links: LinksSchema,
  })
  .meta({ id: 'TaskDefinition' });

/** A page of task definitions on the wire. */
export const TaskDefinitionPageSchema = pageSchema(
  'TaskDefinitionPage',
  'taskDefinitionResourceList',
  TaskDefinitionSchema,
);

export type TaskDefinitionResource = z.infer<typeof TaskDefinitionSchema>;

/** What a definition's resource shows beside the definition itself. */
export interface DefinitionContext {
  readonly lastExecution: LatestExecution | undefined;
  /** Show what the last execution was launched with. */
  readonly withManifest: boolean;
  readonly composedTaskElement: boolean;
}

/** Writes a task definition as SCDF does. */
export function taskDefinitionResource(
  definition: TaskDefinition,
  { lastExecution, withManifest, composedTaskElement }: DefinitionContext,
  frame: RequestFrame,
): TaskDefinitionResource {
  const { dslText, composed } = shownDefinition(definition);
  return {
    name: definition.name,
    dslText,
    description: definition.description,
    composed,
    composedTaskElement,
    lastTaskExecution: lastExecution === undefined ? null : lastTaskExecutionResource(lastExecution, withManifest),
    status: lastExecution?.status ?? 'UNKNOWN',
    _links: { self: link(`${frame.baseUrl}/tasks/definitions/${segment(definition.name)}`) },
  };
}
