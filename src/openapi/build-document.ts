import type { z } from 'zod';
import type { OperationDescription } from '../representation/operation.js';
import { ErrorsSchema, PageErrorSchema } from '../representation/resource.js';
import type { JsonSchema, OpenApiDocument, OperationObject, PathItem } from './openapi-types.js';
import { formBody, parameterObjects } from './parameter-objects.js';
import { ERRORS, PAGE_ERROR, responses, SHARED_RESPONSES } from './responses.js';
import { documentSchemas } from './schemas.js';

/** A route as the framework knows it. */
export interface Route {
  /** Lower case. */
  readonly method: string;
  /** `/apps/{type}/{name}` */
  readonly path: string;
  /** Name under which its description is kept. */
  readonly key: string;
}

/** A route with what is said of it. */
interface DescribedRoute extends Route {
  readonly description: OperationDescription;
}

/**
 * Builds the OpenAPI document of all routes.
 *
 * @param describe finds the description of a route by its key
 * @throws Error naming the route that has no description, or a parameter that none describes
 */
export function buildDocument(
  routes: readonly Route[],
  describe: (key: string) => OperationDescription | undefined,
  version: string,
): OpenApiDocument {
  const described = routes.map((route): DescribedRoute => {
    const description = describe(route.key);
    if (description !== undefined) return { ...route, description };
    throw new Error(`${route.method.toUpperCase()} ${route.path} (${route.key}) has no @Operation description.`);
  });
  const { named, components } = documentSchemas(schemasOf(described));
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const route of described) {
    const path = canonicalPath(route.path, Object.keys(paths));
    const item = (paths[path] ??= {});
    item[route.method] = operationObject(route, path, named);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version,
      summary: 'A task server that speaks the REST API of Spring Cloud Data Flow 2.11',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: tagsOf(paths),
    paths: paths satisfies Record<string, PathItem>,
    components: { schemas: components, responses: SHARED_RESPONSES },
  };
}

function schemasOf(routes: readonly DescribedRoute[]): Record<string, z.ZodType> {
  const schemas: Record<string, z.ZodType> = { [ERRORS]: ErrorsSchema, [PAGE_ERROR]: PageErrorSchema };
  for (const { key, description } of routes) {
    if (description.answer !== undefined) schemas[answerOf(key)] = description.answer;
    if (description.body !== undefined) schemas[bodyOf(key)] = description.body;
  }
  return schemas;
}

/**
 * OpenAPI forbids two paths that differ in the names of their parameters only (`/executions/{id}`, `/executions/{ids}`); the
 * one that came first stands for both.
 */
function canonicalPath(path: string, known: readonly string[]): string {
  const shapeOf = (template: string) => template.replaceAll(/\{\w+\}/g, '{}');
  return known.find((candidate) => shapeOf(candidate) === shapeOf(path)) ?? path;
}

function operationObject(
  route: DescribedRoute,
  documentPath: string,
  schemas: Readonly<Record<string, JsonSchema>>,
): OperationObject {
  const { method, path, key, description } = route;
  const body = schemas[bodyOf(key)];
  const requestBody =
    body !== undefined
      ? { required: true, content: { 'application/json': { schema: body } } }
      : method === 'post'
        ? formBody(path, description)
        : undefined;
  return {
    operationId: key,
    tags: [tagOf(path)],
    summary: description.summary,
    ...(description.description === undefined ? {} : { description: description.description }),
    parameters: parameterObjects(path, documentPath, description),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responses(method, path, description, schemas[answerOf(key)]),
  };
}

function answerOf(key: string): string {
  return `answer of ${key}`;
}

function bodyOf(key: string): string {
  return `body of ${key}`;
}

/** The room of the API that a path belongs to: `apps`, `tasks/definitions`, `jobs/executions`. */
function tagOf(path: string): string {
  const [first = '', second = ''] = path.split('/').slice(1);
  if (first === '') return 'about';
  return (first === 'tasks' || first === 'jobs') && second !== '' ? `${first}/${second}` : first;
}

const TAGS: Readonly<Record<string, string>> = {
  about: 'The server itself',
  apps: 'App registrations: which image, jar or program a name in a task definition means',
  'audit-records': 'Who changed what, and when',
  completions: 'Proposals while a task definition is typed',
  'jobs/executions': 'Executions of Spring Batch jobs, and their steps',
  'jobs/instances': 'Instances of Spring Batch jobs',
  'jobs/thinexecutions': 'Executions of Spring Batch jobs without their steps',
  management: 'Health, build and metrics',
  schema: 'The two generations of tables',
  security: 'Who is signed in',
  'tasks/definitions': 'Task definitions: what can be launched',
  'tasks/executions': 'Task executions: launch, history, stop and clean-up',
  'tasks/info': 'Numbers of task executions',
  'tasks/logs': 'Logs of task executions',
  'tasks/platforms': 'Platform accounts: where tasks can be launched',
  'tasks/schedules': 'Schedules of tasks',
  'tasks/thinexecutions': 'Task executions without arguments, jobs and properties',
  'tasks/validation': 'Whether everything that a task needs is there',
  tools: 'Task definitions as graphs and back',
};

function tagsOf(paths: Readonly<Record<string, PathItem>>): { name: string; description: string }[] {
  const names = [...new Set(Object.keys(paths).map(tagOf))].sort();
  return names.map((name) => ({ name, description: TAGS[name] ?? name }));
}
