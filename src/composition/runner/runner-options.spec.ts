import { describe, expect, it } from '@jest/globals';
import { readRunnerOptions, type RunnerOptions, RunnerOptionsError } from './runner-options.js';

const URL = 'jdbc:postgresql://db:5433/dataflow';
const ARGUMENTS = ['--spring.cloud.task.name=ct', '--graph=ct-a', `--spring.datasource.url=${URL}`];

function read(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  base = ARGUMENTS,
): Promise<RunnerOptions> {
  return readRunnerOptions({ arguments: [...base, ...words], environment }, '/');
}

async function problemsOf(promise: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await promise.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof RunnerOptionsError)) throw new Error('nothing was refused');
  return error.problems;
}

describe('readRunnerOptions', () => {
  it('has the defaults of SCDF’s runner', async () => {
    expect(await read([])).toMatchObject({
      taskName: 'ct',
      graph: 'ct-a',
      interval: 10_000,
      server: { url: 'http://localhost:9393', credentials: { kind: 'none' }, verifiesTls: true },
      prefixes: { task: 'TASK_', batch: 'BATCH_' },
      executionId: null,
      parentExecutionId: null,
      externalExecutionId: null,
      failOnJobFailure: false,
      settings: { maxWaitTime: 0, splitThreadCorePoolSize: 4, incrementInstanceEnabled: true },
      database: { hosts: [{ host: 'db', port: 5433 }], database: 'dataflow' },
      arguments: ARGUMENTS,
    });
  });

  const expected = {
    taskName: 'ct',
    graph: 'ct-a && ct-b',
    interval: 500,
    executionId: 7,
    prefixes: { task: 'T_', batch: 'B_' },
    server: { url: 'http://s:1' },
    settings: { platformName: 'k8s', maxWaitTime: 5 },
    database: { user: 'ada', password: 'pw' },
  };

  it.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    [
      'arguments (entry point style exec)',
      [
        '--spring.cloud.task.name=ct',
        '--graph=ct-a && ct-b',
        '--intervalTimeBetweenChecks=500',
        '--spring.cloud.task.executionid=7',
        '--spring.cloud.task.tablePrefix=T_',
        '--spring.batch.jdbc.table-prefix=B_',
        '--dataflowServerUri=http://s:1/',
        '--platform-name=k8s',
        '--max_wait_time=5',
        `--spring.datasource.url=${URL}`,
        '--spring.datasource.username=ada',
        '--spring.datasource.password=pw',
      ],
      {},
    ],
    [
      'SPRING_APPLICATION_JSON (boot, and the Local deployer)',
      ['--spring.cloud.task.executionid=7'],
      {
        SPRING_APPLICATION_JSON: JSON.stringify({
          'spring.cloud.task.name': 'ct',
          graph: 'ct-a && ct-b',
          'interval-time-between-checks': 500,
          spring: { 'cloud.task.tablePrefix': 'T_', 'batch.jdbc.table-prefix': 'B_', datasource: { url: URL } },
          dataflowServerUri: 'http://s:1',
          'platform-name': 'k8s',
          maxWaitTime: '5',
          'spring.datasource.username': 'ada',
          'spring.datasource.password': 'pw',
        }),
      },
    ],
    [
      'variables (shell, and programs of the Local platform)',
      [],
      {
        SPRING_CLOUD_TASK_NAME: 'ct',
        GRAPH: 'ct-a && ct-b',
        'INTERVAL-TIME-BETWEEN-CHECKS': '500',
        SPRING_CLOUD_TASK_EXECUTIONID: '7',
        SPRING_CLOUD_TASK_TABLEPREFIX: 'T_',
        'SPRING_BATCH_JDBC_TABLE-PREFIX': 'B_',
        DATAFLOWSERVERURI: 'http://s:1',
        PLATFORM_NAME: 'k8s',
        MAXWAITTIME: '5',
        SPRING_DATASOURCE_URL: URL,
        SPRING_DATASOURCE_USERNAME: 'ada',
        SPRING_DATASOURCE_PASSWORD: '${DB_PASSWORD}',
        DB_PASSWORD: 'pw',
      },
    ],
  ])('reads %s', async (_, words, environment) => {
    expect(await read(words, environment, [])).toMatchObject(expected);
  });

  it('prefers arguments to JSON and JSON to variables', async () => {
    const environment = { PLATFORM_NAME: 'variable', SPRING_APPLICATION_JSON: '{"platformName":"json"}' };
    expect((await read([], environment)).settings.platformName).toBe('json');
    expect((await read(['--platform-name=argument'], environment)).settings.platformName).toBe('argument');
    expect((await read([], { PLATFORM_NAME: 'variable' })).settings.platformName).toBe('variable');
  });

  it('keeps the keys of properties and arguments for children as they are', async () => {
    const { settings, composedTaskProperties } = await read(
      [
        '--composed-task-app-arguments.base64_YXBwLiouMA=--x=1',
        '--composed-task-properties=app.ct-a.app.A.x=1,2, version.ct-a.a=2',
      ],
      {
        SPRING_APPLICATION_JSON: '{"composed-task-app-properties":{"app.a.timestamp.Format":"HH"}}',
        COMPOSED_TASK_APP_PROPERTIES_APP_B_X: '1',
        'COMPOSED-TASK-APP-PROPERTIES_base64_YXBwLiouMA': '2',
      },
    );
    expect(new Map([...settings.composedTaskAppArguments])).toEqual(new Map([['base64_YXBwLiouMA', '--x=1']]));
    expect(new Map([...settings.composedTaskAppProperties])).toEqual(
      new Map([
        ['app.b.x', '1'],
        ['base64_YXBwLiouMA', '2'],
        ['app.a.timestamp.Format', 'HH'],
      ]),
    );
    expect([...composedTaskProperties]).toEqual([
      ['app.ct-a.app.A.x', '1,2'],
      ['version.ct-a.a', '2'],
    ]);
  });

  it('takes what has no effect here, and says so', async () => {
    const { remarks } = await read([
      '--splitThreadMaxPoolSize=8',
      '--transaction-isolation-level=ISOLATION_SERIALIZABLE',
    ]);
    expect(remarks).toEqual([
      expect.stringMatching(/^split-thread-max-pool-size has no effect: /),
      expect.stringMatching(/^transaction-isolation-level has no effect: /),
    ]);
  });

  it.each<[readonly string[], Readonly<Record<string, string>>, object | null]>([
    [[], {}, null],
    [['--spring.cloud.task.single-instance-enabled=false', '--spring.cloud.task.single-instance-lock-ttl=5'], {}, null],
    [[], { SPRING_CLOUD_TASK_SINGLEINSTANCEENABLED: 'true' }, { ttl: 2_147_483_647, checkInterval: 500 }],
    [
      ['--spring.cloud.task.singleInstanceEnabled=true', '--spring.cloud.task.single-instance-lock-ttl=60000'],
      { SPRING_APPLICATION_JSON: '{"spring.cloud.task.single-instance-lock-check-interval":"100"}' },
      { ttl: 60_000, checkInterval: 100 },
    ],
  ])('knows from %j and %j how a task runs once at a time', async (words, environment, expected) => {
    expect((await read(words, environment)).singleInstance).toEqual(expected);
  });

  it.each<[readonly string[], Readonly<Record<string, string>>, object]>([
    [[], {}, { timeout: null, maxAtOnce: null }],
    [['--millrace.timeout=30s', '--millrace.max-at-once=2'], {}, { timeout: 30_000, maxAtOnce: 2 }],
    [[], { MILLRACE_TIMEOUT: '5m', MILLRACE_MAXATONCE: '3' }, { timeout: 300_000, maxAtOnce: 3 }],
    [
      ['--millrace.timeout=1s', '--deployer.composed-task-runner.millrace.timeout=2s'],
      { SPRING_APPLICATION_JSON: '{"app.composed-task-runner.millrace.maxAtOnce":4}' },
      { timeout: 2_000, maxAtOnce: 4 },
    ],
    [[], { MILLRACE_DATA_DIRECTORY: 'x' }, { timeout: null, maxAtOnce: null }],
  ])('has the limits of the run that %j and %j say', async (words, environment, limits) => {
    expect((await read(words, environment)).limits).toEqual(limits);
  });

  it.each<[readonly string[], object]>([
    [['--dataflow-server-username=u', '--dataflow-server-password=p'], { kind: 'basic', username: 'u', password: 'p' }],
    [
      ['--dataflow-server-username=u', '--dataflow-server-password=p', '--dataflow-server-access-token=t'],
      { kind: 'bearer', token: 't' },
    ],
    [
      [
        '--dataflow-server-access-token=t',
        '--oauth2-client-credentials-client-id=c',
        '--oauth2ClientCredentialsClientSecret=s',
        '--oauth2-client-credentials-token-uri=https://idp/token',
        '--oauth2-client-credentials-scopes=a, b',
        '--oauth2-client-credentials-client-authentication-method=client_secret_post',
      ],
      {
        kind: 'client',
        clientId: 'c',
        clientSecret: 's',
        tokenUri: 'https://idp/token',
        scopes: ['a', 'b'],
        inBody: true,
      },
    ],
  ])('is to the server who %j say', async (words, credentials) => {
    expect((await read(words)).server.credentials).toEqual(credentials);
  });

  it.each<[readonly string[], string]>([
    [['--spring.cloud.task.name='], 'spring.cloud.task.name property must have a value.'],
    [['--spring.datasource.url='], 'No database is configured'],
    [['--spring.datasource.url=jdbc:mysql://x/y'], 'MySQL is not supported'],
    [['--dataflow-server-password=geheim'], 'A password may be specified only together with a username'],
    [['--dataflow-server-username=u'], 'A username may be specified only together with a password'],
    [['--dataflow-server-uri=http://u:geheim@h'], 'dataflow-server-uri must be an address'],
    [['--oauth2-client-credentials-client-id=c'], 'needs oauth2-client-credentials-token-uri'],
    [['--max-wait-time=soon'], "'max-wait-time' is 'soon'"],
    [['--interval-time-between-checks=-1'], 'interval-time-between-checks is'],
    [['--spring.cloud.task.executionid=x'], 'spring.cloud.task.executionid is'],
    [['--spring.cloud.task.tablePrefix=x;drop'], 'must be the beginning of a table’s name'.replace('’', "'")],
    [['--spring.cloud.task.tablePrefix=BOOT3_TASK_'], 'both have to be of one generation'],
    [['--spring.batch.jdbc.table-prefix=other.boot3_batch_'], 'both have to be of one generation'],
    [['--spring.cloud.task.single-instance-enabled=maybe'], 'must be true or false'],
    [['--spring.cloud.task.single-instance-lock-ttl=1h'], 'single-instance-lock-ttl is'],
    [['--spring.cloud.task.single-instance-lock-check-interval=-1'], 'single-instance-lock-check-interval is'],
    [['--millrace.timeout=soon'], "millrace.timeout' is 'soon', but must be a duration"],
    [['--deployer.composed-task-runner.millrace.max-at-once=0'], 'a whole number from 1'],
    [['--app.composed-task-runner.millrace.timout=1h'], 'there are millrace.timeout and millrace.max-at-once'],
    [['--spring.cloud.task.schemaTarget=boot3'], 'always runs as boot2'],
    [['--composed-task-properties=nothing'], 'composed-task-properties: Only deployment property keys'],
    [['--platform-name=${nowhere}'], 'platform-name: the placeholder'],
    [['--spring.application.json={geheim'], 'SPRING_APPLICATION_JSON is not valid JSON.'],
  ])('refuses %j', async (words, message) => {
    const problems = await problemsOf(read(words));
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems.join()).not.toContain('geheim');
  });
});
