import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { exchange, getJson } from '../support/http.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 120_000);

afterAll(async () => {
  await database?.close();
});

const get = (url: string, target: string, accept?: string) =>
  exchange(url, { method: 'GET', target, headers: accept === undefined ? {} : { Accept: accept } });

const NO_SUCH_PATH = { status: 404, body: { status: 404, error: 'Not Found', message: 'No message available' } };

describe('as configured by default', () => {
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer({ database });
  });

  afterAll(async () => {
    await server?.close();
  });

  it('the index lists what is exposed', async () => {
    const to = (path: string, templated = false) => ({ href: `${server.url}/management${path}`, templated });
    expect((await getJson(server.url, '/management')).body).toEqual({
      _links: {
        self: to(''),
        health: to('/health'),
        'health-path': to('/health/{*path}', true),
        info: to('/info'),
      },
    });
  });

  it('health tells the status only', async () => {
    expect(await getJson(server.url, '/management/health')).toMatchObject({ status: 200, text: '{"status":"UP"}' });
  });

  it('info tells commit and build', async () => {
    expect((await getJson(server.url, '/management/info')).body).toEqual({
      git: { branch: expect.any(String), commit: { id: expect.any(String), time: expect.any(String) } },
      build: {
        artifact: 'millrace',
        name: 'Millrace',
        time: expect.any(String),
        version: expect.any(String),
        group: 'millrace',
      },
    });
  });

  it.each([
    'metrics',
    'prometheus',
    'env',
    'health/db',
    'health/liveness',
    'health/readiness',
    'health/platforms/default',
  ])('/management/%s is not there', async (path) => {
    const target = `/management/${path}`;
    expect(await getJson(server.url, target)).toMatchObject({ ...NO_SUCH_PATH, contentType: 'application/json' });
  });

  it.each([
    [undefined, 'application/vnd.spring-boot.actuator.v3+json'],
    ['*/*', 'application/vnd.spring-boot.actuator.v3+json'],
    ['application/json', 'application/json'],
    ['application/vnd.spring-boot.actuator.v2+json', 'application/vnd.spring-boot.actuator.v2+json'],
    ['text/html,*/*;q=0.8', 'application/vnd.spring-boot.actuator.v3+json'],
  ])('accepting %s gives %s', async (accept, contentType) => {
    for (const path of ['', '/health', '/info']) {
      expect(await get(server.url, `/management${path}`, accept)).toMatchObject({ status: 200, contentType });
    }
  });

  it('accepting what it cannot give is 406', async () => {
    expect(await get(server.url, '/management/health', 'application/xml')).toMatchObject({ status: 406 });
  });
});

describe('with probes, details and metrics', () => {
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer({
      database,
      properties: {
        'management.endpoints.web.base-path': '/actuator',
        'management.endpoints.web.exposure.include': 'health,prometheus',
        'management.endpoint.health.show-details': 'always',
        'management.endpoint.health.probes.enabled': 'true',
        'management.metrics.export.prometheus.enabled': 'true',
        'spring.cloud.dataflow.task.platform.local.accounts.second.maximum-concurrent-tasks': '2',
      },
    });
  });

  afterAll(async () => {
    await server?.close();
  });

  it('the endpoints are below the base path, and only those that are exposed', async () => {
    expect(await getJson(server.url, '/management/health')).toMatchObject(NO_SUCH_PATH);
    expect(await getJson(server.url, '/actuator/info')).toMatchObject(NO_SUCH_PATH);
    const { body } = await getJson(server.url, '/actuator');
    expect(Object.keys((body as { _links: object })._links)).toEqual(['self', 'health', 'health-path', 'prometheus']);
  });

  it('health tells of database, disk and platform accounts', async () => {
    expect((await getJson(server.url, '/actuator/health')).body).toEqual({
      status: 'UP',
      components: {
        db: { status: 'UP', details: { database: 'PostgreSQL', validationQuery: 'select 1' } },
        diskSpace: { status: 'UP', details: expect.objectContaining({ exists: true, free: expect.any(Number) }) },
        livenessState: { status: 'UP' },
        ping: { status: 'UP' },
        platforms: {
          status: 'UP',
          components: { second: { status: 'UP', details: { type: 'Local' } } },
        },
        readinessState: { status: 'UP' },
      },
      groups: ['liveness', 'readiness'],
    });
  });

  it.each(['liveness', 'readiness', 'db', 'ping', 'diskSpace', 'platforms', 'platforms/second'])(
    'health of %s alone',
    async (path) => {
      const answer = await getJson(server.url, `/actuator/health/${path}`);
      expect(answer).toMatchObject({ status: 200, body: { status: 'UP' } });
    },
  );

  it.each(['nothing', 'platforms/nothing', 'constructor', '__proto__', 'platforms/__proto__'])(
    'there is no health of %s',
    async (path) => {
      expect(await getJson(server.url, `/actuator/health/${path}`)).toMatchObject(NO_SUCH_PATH);
    },
  );

  it('metrics count requests by the template of their path', async () => {
    await getJson(server.url, '/tasks/definitions/a');
    await getJson(server.url, '/tasks/definitions/b');
    await getJson(server.url, '/no/such/path');
    await getJson(server.url, '/');
    const { contentType, text } = await get(server.url, '/actuator/prometheus', 'text/plain;version=0.0.4, */*;q=0.1');
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const count = (labels: Record<string, string>) => {
      const line = text
        .split('\n')
        .find(
          (candidate) =>
            candidate.startsWith('http_server_requests_seconds_count{') &&
            Object.entries(labels).every(([name, value]) => candidate.includes(`${name}="${value}"`)),
        );
      return Number(line?.split(' ').at(-1));
    };
    expect(count({ uri: '/tasks/definitions/{name}', status: '404', outcome: 'CLIENT_ERROR', method: 'GET' })).toBe(2);
    expect(count({ uri: 'NOT_FOUND', status: '404' })).toBeGreaterThanOrEqual(1);
    expect(count({ uri: 'root', status: '200', outcome: 'SUCCESS' })).toBe(1);
    expect(text).not.toContain('/no/such/path');
    expect(text).toMatch(/^http_server_requests_seconds_bucket\{.*le="0\.1".*\} \d+$/m);
    expect(text).toMatch(/^http_server_requests_seconds_sum\{.*application="spring-cloud-dataflow-server".*\}/m);
    expect(text).toMatch(/^process_resident_memory_bytes\{/m);
  });
});

describe('with an account whose cluster is away', () => {
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer({
      database,
      properties: {
        'management.endpoints.web.exposure.include': 'health,prometheus',
        'management.endpoint.health.show-details': 'always',
        'management.endpoint.health.probes.enabled': 'true',
        'management.metrics.export.prometheus.enabled': 'true',
        'spring.cloud.dataflow.task.platform.kubernetes.accounts.away.namespace': 'batch',
        'spring.cloud.dataflow.task.platform.kubernetes.accounts.away.fabric8.master-url': 'http://127.0.0.1:9',
      },
    });
  });

  afterAll(async () => {
    await server?.close();
  });

  it('says so, and stays up itself', async () => {
    const { status, body } = await getJson(server.url, '/management/health');
    const details = {
      type: 'Kubernetes',
      'master-url': 'http://127.0.0.1:9/',
      namespace: 'batch',
      error: expect.stringContaining("The Kubernetes account 'away'"),
    };
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        status: 'UP',
        components: { platforms: { status: 'DOWN', components: { away: { status: 'DOWN', details } } } },
      },
    });
    for (const probe of ['liveness', 'readiness']) {
      expect(await getJson(server.url, `/management/health/${probe}`)).toMatchObject({ status: 200 });
    }
    expect(await getJson(server.url, '/management/health/platforms/away')).toMatchObject({ status: 503 });
  });

  it('has a gauge for it', async () => {
    const { text } = await get(server.url, '/management/prometheus', 'text/plain');
    expect(text).toMatch(/^millrace_platform_account_up\{account="away",type="Kubernetes",.*\} 0$/m);
    expect(text).toMatch(/^millrace_platform_account_up\{account="default",type="Local",.*\} 1$/m);
  });
});

describe('at a port of its own', () => {
  let server: ApiServer;
  let own: string;

  beforeAll(async () => {
    server = await startApiServer({
      database,
      properties: {
        'management.server.port': '0',
        'management.server.address': '127.0.0.1',
        'management.server.base-path': '/ops',
        'server.servlet.context-path': '/flow',
        'management.endpoints.web.exposure.include': '*',
        'management.endpoints.web.exposure.exclude': 'info',
        'management.endpoint.health.show-components': 'always',
        'management.endpoint.health.probes.enabled': 'true',
        'management.metrics.export.prometheus.enabled': 'true',
        'management.metrics.tags.application': 'batch-eu',
        'management.metrics.tags.team.name': 'night',
        'management.metrics.tags.service': '',
        'management.observations.key-values.region': 'eu',
      },
    });
    own = server.managementUrl ?? '';
  });

  afterAll(async () => {
    await server?.close();
  });

  it('the endpoints are there, with links to there', async () => {
    expect(own).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ops\/management$/);
    expect((await getJson(own, '')).body).toMatchObject({
      _links: { self: { href: own }, health: { href: `${own}/health` }, prometheus: { href: `${own}/prometheus` } },
    });
    expect(await getJson(own, '/health/liveness')).toMatchObject({ status: 200, body: { status: 'UP' } });
    expect(await getJson(own, '/health/readiness')).toMatchObject({ status: 200 });
    expect(await getJson(own, '/info')).toMatchObject(NO_SUCH_PATH);
    expect(await get(own, '/health', 'application/xml')).toMatchObject({ status: 406 });
  });

  it('the server has them no more, and they have nothing of the server', async () => {
    for (const target of ['/management', '/management/health', '/management/prometheus']) {
      expect(await getJson(server.url, target)).toMatchObject(NO_SUCH_PATH);
    }
    const root = own.replace(/\/ops.*/, '');
    for (const target of ['/', '/about', '/ops/about', '/flow/about', '/management/health', '/ops']) {
      expect(await getJson(root, target)).toMatchObject({ status: 404 });
    }
  });

  it('health tells of the parts without details', async () => {
    expect((await getJson(own, '/health')).body).toMatchObject({
      status: 'UP',
      components: { db: { status: 'UP' }, platforms: { status: 'UP', components: { default: { status: 'UP' } } } },
    });
    expect((await getJson(own, '/health')).text).not.toContain('details');
    expect((await getJson(own, '/health/db')).body).toEqual({ status: 'UP' });
  });

  it('metrics count the requests of the server, with the labels that are configured', async () => {
    await getJson(server.url, '/about');
    const { text } = await get(own, '/prometheus');
    const line = text.split('\n').find((one) => one.includes('uri="/about"') && one.startsWith('http_server_'));
    for (const label of ['application="batch-eu"', 'team_name="night"', 'region="eu"', 'application_version="'])
      expect(line).toContain(label);
    expect(line).not.toContain('service=');
  });
});

describe('switched off with port -1', () => {
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer({ database, properties: { 'management.server.port': '-1' } });
  });

  afterAll(async () => {
    await server?.close();
  });

  it.each(['', '/health', '/info'])('/management%s is not there', async (path) => {
    expect(await getJson(server.url, `/management${path}`)).toMatchObject(NO_SUCH_PATH);
    expect(await getJson(server.url, '/about')).toMatchObject({ status: 200 });
  });
});

describe('the dashboard', () => {
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer({ database });
  });

  afterAll(async () => {
    await server?.close();
  });

  it.each(['/dashboard', '/dashboard/'])('%s leads to its page', async (target) => {
    const { status, headers, contentType, text } = await get(server.url, target, 'text/html');
    expect({ status, contentType, text }).toEqual({ status: 302, contentType: null, text: '' });
    expect(headers.location).toBe(`${server.url}/dashboard/index.html`);
  });

  it('follows what proxies say', async () => {
    const headers = { 'X-Forwarded-Host': 'example.org', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Prefix': '/batch' };
    const answer = await exchange(server.url, { method: 'GET', target: '/dashboard', headers });
    expect(answer.headers.location).toBe('https://example.org/batch/dashboard/index.html');
  });

  it('has a page that says how to go on, and runs nothing that headers bring in', async () => {
    const headers = { Accept: 'text/html', Host: `x'"<b>` };
    const {
      status,
      contentType,
      text,
      headers: answered,
    } = await exchange(server.url, {
      method: 'GET',
      target: '/dashboard/index.html',
      headers,
    });
    expect({ status, contentType }).toEqual({ status: 200, contentType: 'text/html; charset=utf-8' });
    expect(text).toContain('href="../swagger-ui.html"');
    expect(text).not.toContain('<b>');
    expect(answered['content-security-policy']).toContain("default-src 'none'");
  });
});
