import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routesOf } from '../../src/openapi/api-document.js';
import type { Route } from '../../src/openapi/build-document.js';
import type { OpenApiDocument, OperationObject } from '../../src/openapi/openapi-types.js';
import { operationDescription } from '../../src/representation/operation.js';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { restoreScdfDatabase, type TestDatabase } from '../support/database.js';
import { exchange, getJson, postForm, type WireAnswer } from '../support/http.js';

const ACCOUNTS = 'spring.cloud.dataflow.task.platform.local.accounts';

/** Holds what a real SCDF 2.11.5 left: apps, definitions, executions and jobs of both generations, audit records. */
let database: TestDatabase;
let server: ApiServer;
let routes: readonly Route[];
let document: OpenApiDocument;

beforeAll(async () => {
  database = await restoreScdfDatabase();
  server = await startApiServer({
    database,
    properties: {
      'millrace.launch.queue': 'true',
      [`${ACCOUNTS}.default.maximum-concurrent-tasks`]: '20',
      [`${ACCOUNTS}.full.maximum-concurrent-tasks`]: '0',
      'management.endpoints.web.exposure.include': '*',
      'management.endpoint.health.show-details': 'always',
      'management.endpoint.health.probes.enabled': 'true',
      'management.metrics.export.prometheus.enabled': 'true',
    },
  });
  routes = await routesOf(server.application);
  document = (await getJson(server.url, '/v3/api-docs')).body as OpenApiDocument;
}, 120_000);

afterAll(async () => {
  await server?.close();
  await database?.close();
});

const operationsOf = (of: OpenApiDocument): (OperationObject & { path: string; method: string })[] =>
  Object.entries(of.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, path, method })),
  );

describe('the OpenAPI document', () => {
  it('is one for this server', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Millrace', license: { identifier: 'Apache-2.0' } });
    expect(document.servers).toEqual([{ url: server.url }]);
  });

  it('has every route, and nothing else', () => {
    expect(routes.length).toBeGreaterThan(50);
    expect(
      operationsOf(document)
        .map(({ operationId }) => operationId)
        .sort(),
    ).toEqual(routes.map(({ key }) => key).sort());
  });

  it('refers only to what it has', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(100);
    for (const [, kind = '', name = ''] of references) {
      expect(Object.keys((document.components as Record<string, object>)[kind] ?? {})).toContain(name);
    }
  });

  it('has no two paths of the same shape', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    expect(shapes.filter((shape, index) => shapes.indexOf(shape) !== index)).toEqual([]);
  });

  it('describes exactly the path parameters of each path', () => {
    for (const { path, parameters } of operationsOf(document)) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect({ path, inPath }).toEqual({ path, inPath: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name) });
    }
  });

  it('says what every operation answers, refusals included', () => {
    for (const { operationId, method, responses } of operationsOf(document)) {
      const description = operationDescription(operationId);
      const success = String(description?.status ?? 200);
      const statuses = Object.keys(responses);
      expect({ operationId, statuses }).toEqual({
        operationId,
        statuses: expect.arrayContaining([success, '400', '405', '406', '431', '503']),
      });
      const content = (responses[success] as { content?: object }).content;
      expect({ operationId, answers: content !== undefined }).toEqual({
        operationId,
        answers: description?.answer !== undefined,
      });
      if (method === 'post') expect(statuses).toContain('413');
    }
  });

  it('takes the parameters of a POST from the query or from a form', () => {
    const { parameters, requestBody } = document.paths['/tasks/definitions']?.['post'] as OperationObject;
    const names = parameters.map(({ name, required }) => [name, required]);
    expect(names).toEqual([
      ['name', true],
      ['definition', true],
      ['description', false],
    ]);
    const form = requestBody?.content['application/x-www-form-urlencoded']?.schema as { properties: object };
    expect(Object.keys(form.properties)).toEqual(['name', 'definition', 'description']);
  });

  it('gives types, limits and orders of parameters', () => {
    const parameters = document.paths['/tasks/executions']?.['get']?.parameters ?? [];
    const schemaOf = (name: string) => parameters.find((parameter) => parameter.name === name)?.schema;
    expect(schemaOf('page')).toMatchObject({ type: 'integer', minimum: 0 });
    expect(schemaOf('size')).toMatchObject({ type: 'integer', minimum: 1, maximum: 2000 });
    expect(schemaOf('status')).toMatchObject({ type: 'array', items: { enum: expect.arrayContaining(['RUNNING']) } });
    const { pattern } = schemaOf('sort')?.['items'] as { pattern: string };
    expect('TASK_NAME,desc').toMatch(new RegExp(pattern));
    expect('nothing').not.toMatch(new RegExp(pattern));
  });

  it('names the base URL under which the client reaches the server', async () => {
    const headers = {
      Accept: 'application/json',
      'X-Forwarded-Host': 'tasks.example.org',
      'X-Forwarded-Proto': 'https',
    };
    const { body } = await exchange(server.url, { method: 'GET', target: '/v3/api-docs', headers });
    expect((body as OpenApiDocument).servers).toEqual([{ url: 'https://tasks.example.org' }]);
  });

  it('is plain JSON whatever is accepted', async () => {
    for (const accept of ['*/*', 'application/json', 'text/html']) {
      const { contentType } = await exchange(server.url, {
        method: 'GET',
        target: '/v3/api-docs',
        headers: { Accept: accept },
      });
      expect(contentType).toBe('application/json');
    }
  });
});

describe('Swagger UI', () => {
  const get = (target: string) => exchange(server.url, { method: 'GET', target, headers: { Accept: 'text/html' } });

  it('is found at /swagger-ui.html', async () => {
    const { status, headers, text } = await get('/swagger-ui.html');
    expect({ status, location: headers.location, text }).toEqual({
      status: 302,
      location: `${server.url}/swagger-ui/index.html`,
      text: '',
    });
  });

  it('has a page, what it starts with, and its assets', async () => {
    const page = await get('/swagger-ui/index.html');
    expect(page).toMatchObject({ status: 200, contentType: 'text/html; charset=utf-8' });
    const assets = [...page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, asset = '']) => asset);
    expect(assets).toEqual(expect.arrayContaining(['swagger-ui-bundle.js', 'swagger-ui.css', 'swagger-ui-init.js']));
    for (const asset of assets) expect(await get(`/swagger-ui/${asset}`)).toMatchObject({ status: 200 });
    expect((await get('/swagger-ui/swagger-ui-init.js')).text).toContain('../v3/api-docs');
    expect(await get('/swagger-ui/nothing.js')).toMatchObject({ status: 404 });
    expect(await get('/swagger-ui/../../package.json')).toMatchObject({ status: 404 });
    expect(await get('/swagger-ui/%2e%2e/%2e%2e/package.json')).toMatchObject({ status: 404 });
  });
});

describe('with the document switched off', () => {
  it('neither the document nor its pages are there', async () => {
    const other = await startApiServer({
      database,
      properties: { 'springdoc.api-docs.enabled': 'false', 'springdoc.swagger-ui.enabled': 'false' },
    });
    try {
      for (const target of ['/v3/api-docs', '/swagger-ui.html', '/swagger-ui/index.html']) {
        expect({ target, status: (await getJson(other.url, target)).status }).toEqual({ target, status: 404 });
      }
    } finally {
      await other.close();
    }
  });
});

/**
 * Real requests for each operation that answers something, in an order in which they work. `{task}` and the like stand for
 * what the history has; see {@link fillIn}.
 */
const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  'RootController.root': ['GET /'],
  'AboutController.about': ['GET /about'],
  'AboutController.securityInfo': ['GET /security/info'],
  'SchemaController.versions': ['GET /schema/versions'],
  'SchemaController.targets': ['GET /schema/targets'],
  'SchemaController.target': ['GET /schema/targets/boot2', 'GET /schema/targets/boot3'],
  'RegistryController.importAll': [
    'POST /apps apps=task.four=maven:org.example:four:1.0&force=true',
    'POST /apps apps=',
  ],
  'RegistryController.registerVersion': [
    'POST /apps/task/one/1.0 uri=file:/bin/true',
    'POST /apps/task/two/1.0 uri=file:/bin/true&bootVersion=3',
  ],
  'RegistryController.list': [
    'GET /apps',
    'GET /apps?defaultVersion=true',
    'GET /apps?page=9',
    'GET /apps?size=1&page=1',
  ],
  'RegistryController.showDefault': ['GET /apps/task/two', 'GET /apps/task/two?exhaustive=true'],
  'RegistryController.show': ['GET /apps/task/two/1.0'],
  'DefinitionsController.create': [
    'POST /tasks/definitions name=single&definition=two',
    'POST /tasks/definitions name=boot2&definition=one',
    "POST /tasks/definitions name=both&definition=two 'FAILED' -> one --a.password=b && last: two&description=Both",
  ],
  'LaunchingController.launch': [
    'POST /tasks/executions/launch name=single&arguments=--a=b',
    'POST /tasks/executions/launch name=single&properties=spring.cloud.dataflow.task.platformName=full',
  ],
  'LaunchingController.launchBoot2': ['POST /tasks/executions name=boot2&properties=app.one.key=value'],
  'LaunchesController.list': ['GET /millrace/launches', 'GET /millrace/launches?state=queued&platform=default'],
  'LaunchesController.show': ['GET /millrace/launches/{waiting}'],
  'LaunchesController.changePriority': ['PATCH /millrace/launches/{waiting}&priority=5'],
  'DefinitionsController.list': [
    'GET /tasks/definitions?size=100',
    'GET /tasks/definitions?manifest=true&search=single',
  ],
  'DefinitionsController.show': ['GET /tasks/definitions/single?manifest=true', 'GET /tasks/definitions/both'],
  'ValidationController.validate': ['GET /tasks/validation/both'],
  'PlatformsController.list': ['GET /tasks/platforms', 'GET /tasks/platforms?schedulesEnabled=true'],
  'ExecutionsController.list': [
    'GET /tasks/executions?size=100',
    'GET /tasks/executions?name=single',
    'GET /tasks/executions?page=99',
  ],
  'ExecutionsController.listThin': ['GET /tasks/thinexecutions?size=100', 'GET /tasks/thinexecutions?status=COMPLETE'],
  'ExecutionsController.current': ['GET /tasks/executions/current'],
  'ExecutionsController.show': ['GET /tasks/executions/{boot2 execution}', 'GET /tasks/executions/{boot3 execution}'],
  'ExecutionsController.remove': ['DELETE /tasks/executions/{own}&action=REMOVE_DATA'],
  'OrphansController.list': ['GET /millrace/orphans', 'GET /millrace/orphans?platform=default'],
  'OrphansController.remove': ['DELETE /millrace/orphans?platform=default&names={orphan}'],
  'ExecutionsController.external': ['GET /tasks/executions/external/{pod}?platform=default'],
  'ExecutionsController.count': ['GET /tasks/info/executions', 'GET /tasks/info/executions?completed=true&days=1'],
  'LogsController.show': ['GET /tasks/logs/{pod}?platformName=default', 'GET /tasks/logs/{pod}?tail=1&since=3600'],
  'JobExecutionsController.list': ['GET /jobs/executions?size=100', 'GET /jobs/executions?status=FAILED'],
  'JobExecutionsController.one': ['GET /jobs/executions/{boot2 job}', 'GET /jobs/executions/{boot3 job}'],
  'ThinJobExecutionsController.list': ['GET /jobs/thinexecutions?size=100'],
  'JobInstancesController.list': ['GET /jobs/instances?name=%25'],
  'JobInstancesController.one': ['GET /jobs/instances/1'],
  'StepExecutionsController.list': ['GET /jobs/executions/1/steps', 'GET /jobs/executions/1/steps?schemaTarget=boot3'],
  'StepExecutionsController.one': [
    'GET /jobs/executions/1/steps/1',
    'GET /jobs/executions/1/steps/1?schemaTarget=boot3',
  ],
  'StepExecutionsController.progress': ['GET /jobs/executions/1/steps/1/progress'],
  'AuditController.list': ['GET /audit-records?size=100', 'GET /audit-records?actions=DEPLOY'],
  'AuditController.operationTypes': ['GET /audit-records/audit-operation-types'],
  'AuditController.actionTypes': ['GET /audit-records/audit-action-types'],
  'AuditController.one': ['GET /audit-records/{audit}'],
  'CompletionsController.task': ['GET /completions/task?start=', 'GET /completions/task?start=two --&detailLevel=2'],
  'CompletionsController.stream': ['GET /completions/stream?start='],
  'RunnerOptionsController.options': ['GET /tasks/ctr/options'],
  'ToolsController.parse': [
    'JSON /tools/parseTaskTextToGraph {"name":"t","dsl":"a && <b || c: d>"}',
    'JSON /tools/parseTaskTextToGraph {"name":"t","dsl":"a &&"}',
  ],
  'ToolsController.convert': [
    'JSON /tools/convertTaskGraphToText {"nodes":[{"id":"0","name":"START"},{"id":"1","name":"a"},{"id":"2","name":"END"}],"links":[{"from":"0","to":"1"},{"from":"1","to":"2"}]}',
  ],
  'DashboardController.page': ['GET /dashboard/index.html'],
  'OpenApiController.show': ['GET /v3/api-docs'],
  'IndexController.index': ['GET /management'],
  'HealthController.overall': ['GET /management/health'],
  'HealthController.part': [
    'GET /management/health/db',
    'GET /management/health/liveness',
    'GET /management/health/platforms',
  ],
  'HealthController.account': ['GET /management/health/platforms/default'],
  'InfoController.info': ['GET /management/info'],
  'PrometheusController.scrape': ['GET /management/prometheus'],
};

describe('what the server answers', () => {
  it('has a request below for every operation that answers something', () => {
    const answering = routes.map(({ key }) => key).filter((key) => operationDescription(key)?.answer !== undefined);
    expect(answering.filter((key) => !Object.hasOwn(REQUESTS, key))).toEqual([]);
  });

  it.each(Object.entries(REQUESTS).flatMap(([key, requests]) => requests.map((request) => [request, key] as const)))(
    '%s is as %s says, and has nothing more',
    async (request, key) => {
      const answer = await send(await fillIn(request));
      const description = operationDescription(key);
      expect({ status: answer.status, text: answer.text }).toEqual({
        status: description?.status ?? 200,
        text: answer.text,
      });
      const operation = operationsOf(document).find(({ operationId }) => operationId === key);
      const { content } = operation?.responses[String(answer.status)] as { content?: object };
      if (content === undefined) {
        expect(answer).toMatchObject({ text: '', contentType: null });
        return;
      }
      expect(Object.keys(content)).toContain(answer.contentType?.split(';')[0]);
      // Zod leaves out what a schema does not know.
      expect(description?.answer?.parse(answer.body)).toEqual(answer.body);
    },
  );
});

async function send(request: string): Promise<WireAnswer> {
  const [, method = '', target = '', body = ''] = /^(\w+) (\S+) ?(.*)$/s.exec(request) ?? [];
  const [path = '', query] = target.split(/\?(.*)/s);
  if (method !== 'POST' && method !== 'JSON') {
    const encoded = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    return exchange(server.url, { method, target: `${path}${encoded}` });
  }
  if (method === 'POST') {
    const fields = body.split('&').map((field) => field.split(/=(.*)/s).slice(0, 2));
    return postForm(server.url, path, Object.fromEntries(fields) as Record<string, string>);
  }
  return exchange(server.url, { method: 'POST', target: path, headers: { 'Content-Type': 'application/json' }, body });
}

type Listed = Readonly<Record<string, string | number>>;

const LISTS = {
  execution: '/tasks/executions',
  job: '/jobs/thinexecutions',
  pod: '/tasks/executions',
  audit: '/audit-records',
  own: '/tasks/executions',
  waiting: '/millrace/launches',
  orphan: '/millrace/orphans',
};

/** Puts in what the history has: `{boot3 job}`, `{pod}` … */
async function fillIn(request: string): Promise<string> {
  const [placeholder = '', target, kind = ''] = /\{(?:(boot[23]) )?(\w+)\}/.exec(request) ?? [];
  if (placeholder === '') return request;
  const list = `${LISTS[kind as keyof typeof LISTS]}?size=100`;
  const { _embedded = {} } = (await getJson(server.url, list)).body as { _embedded?: Record<string, Listed[]> };
  const listed = Object.values(_embedded)[0] ?? [];
  const found = listed.find((element) => target === undefined || element['schemaTarget'] === target);
  const launched = listed.find((element) => element['platformName'] === 'default');
  const keyOf = (element: Listed | undefined) =>
    `${element?.['executionId']}?schemaTarget=${element?.['schemaTarget']}`;
  const values: Readonly<Record<string, unknown>> = {
    execution: `${found?.['executionId']}?schemaTarget=${target}`,
    job: `${found?.['executionId']}?schemaTarget=${target}`,
    pod: launched?.['externalExecutionId'],
    audit: found?.['auditRecordId'],
    own: keyOf(launched),
    waiting: keyOf(listed[0]),
    orphan: listed[0]?.['name'],
  };
  return request.replace(placeholder, String(values[kind]));
}
