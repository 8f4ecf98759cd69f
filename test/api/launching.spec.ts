import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getJson } from '../support/http.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { eventually, refusalOf, Workbench } from '../support/workbench.js';

/** An execution with what the manifest says of its launch. */
type Manifested = TaskExecution & {
  readonly resourceUrl: string;
  readonly appProperties: Readonly<Record<string, string>>;
  readonly deploymentProperties: Readonly<Record<string, string>>;
};

const PLATFORM = 'spring.cloud.dataflow.task.platform.local.accounts';

describe('launching', () => {
  let bench: Workbench;

  beforeAll(async () => {
    bench = await Workbench.open({
      [`${PLATFORM}.default.maximum-concurrent-tasks`]: '50',
      [`${PLATFORM}.second.maximum-concurrent-tasks`]: '50',
    });
    await bench.scriptTask(
      'teller',
      'for argument in "$@"; do echo "argument <$argument>"; done',
      'echo "colour <$APP_COLOUR> size <$APP_SIZE> password <$APP_PASSWORD>"',
      'echo "execution <$SPRING_CLOUD_TASK_EXECUTIONID> task <$SPRING_CLOUD_TASK_NAME>"',
    );
    await bench.scriptTask('exiter', 'echo going >&2', 'exit "${1:-0}"');
  }, 120_000);

  afterAll(() => bench?.close());

  const run = async (name: string, options: { arguments?: string; properties?: string } = {}) => {
    const execution = (await bench.run(name, options)) as Manifested;
    return { execution, log: await bench.client.log(execution) };
  };
  const executionCount = async () => (await bench.list('/tasks/executions?size=1')).page.totalElements;

  it('answers 201 with the id of the execution and a link to it', async () => {
    const answer = await bench.post('/tasks/executions/launch', { name: 'exiter', arguments: '0' });
    expect(answer.status).toBe(201);
    const { executionId } = answer.body as Launched;
    expect(answer.body).toEqual({
      executionId,
      schemaTarget: 'boot2',
      _links: { self: { href: `${bench.server.url}/tasks/executions/${executionId}?schemaTarget=boot2` } },
    });
    expect(await bench.client.ended(answer.body as Launched)).toMatchObject({
      executionId,
      taskName: 'exiter',
      taskExecutionStatus: 'COMPLETE',
      exitCode: 0,
      errorMessage: null,
      platformName: 'default',
    });
  });

  it('shows the program as running as soon as it has answered', async () => {
    const gate = join(bench.directory, 'runner-gate');
    await bench.scriptTask('runner', `until [ -e ${gate} ]; do sleep 0.05; done`);
    const launched = await bench.client.launch('runner');
    expect(await bench.client.execution(launched)).toMatchObject({
      taskExecutionStatus: 'RUNNING',
      startTime: expect.any(String),
      endTime: null,
    });
    await bench.script('runner-gate');
    expect(await bench.client.ended(launched)).toMatchObject({ exitCode: 0 });
  });

  it('by the old call answers the bare id, and refuses a Boot 3 task', async () => {
    const answer = await bench.post('/tasks/executions', { name: 'exiter', arguments: '0' });
    expect([answer.status, typeof answer.body]).toEqual([201, 'number']);
    await bench.client.register('three', '1.0.0', await bench.script('three.sh', 'exit 0'), '3');
    await bench.client.define('three', 'three');
    expect(refusalOf(await bench.post('/tasks/executions', { name: 'three' })).status).toBe(400);
    expect((await run('three')).execution).toMatchObject({ schemaTarget: 'boot3', exitCode: 0 });
  });

  it.each([0, 1, 3, 137, 255])('tells exit code %i', async (code) => {
    const { execution, log } = await run('exiter', { arguments: String(code) });
    expect(execution).toMatchObject({ exitCode: code, taskExecutionStatus: code === 0 ? 'COMPLETE' : 'ERROR' });
    expect(log).toBe('stderr:\ngoing\n');
    if (code !== 0) expect(execution.errorMessage).toEqual(expect.any(String));
  });

  it('hands on arguments as they are, and writes them down', async () => {
    const { execution, log } = await run('teller', { arguments: '--a=1 "two words" plain --u=grüße;$(id)' });
    expect(log).toContain('argument <--a=1>\nargument <two words>\nargument <plain>\nargument <--u=grüße;$(id)>\n');
    expect(execution.arguments).toEqual(['--a=1', 'two words', 'plain', '--u=grüße;$(id)']);
    expect(log).toContain(`execution <${execution.executionId}> task <teller>`);
  });

  it('hands on properties with commas and equals signs, and shows them', async () => {
    const { execution, log } = await run('teller', {
      properties: 'app.teller.app.colour=a,b=c,d,app.teller.app.size=9,deployer.*.memory=128m',
    });
    expect(log).toContain('colour <a,b=c,d> size <9>');
    expect(execution.deploymentProperties).toMatchObject({
      'app.teller.app.colour': 'a,b=c,d',
      'app.teller.app.size': '9',
      'deployer.*.memory': '128m',
    });
    expect(execution.appProperties).toMatchObject({ 'app.colour': 'a,b=c,d', 'app.size': '9' });
  });

  it('takes properties of the definition, and lets a launch overrule them', async () => {
    await bench.client.define('tinted', 'teller --app.colour=green --app.size=1');
    expect((await run('tinted')).log).toContain('colour <green> size <1>');
    const { log } = await run('tinted', { properties: 'app.teller.app.colour=red' });
    expect(log).toContain('colour <red> size <1>');
  });

  it('keeps properties from one launch to the next until they are changed or unset', async () => {
    await bench.client.define('keeper', 'teller');
    const colours: string[] = [];
    for (const properties of [
      'app.teller.app.colour=red,app.teller.app.size=1',
      '',
      'app.teller.app.colour=blue',
      'app.teller.app.colour=',
      '',
    ]) {
      const { log } = await run('keeper', { properties });
      colours.push(/colour <(.*?)> size <(.*?)>/.exec(log)?.slice(1).join('/') ?? '');
    }
    expect(colours).toEqual(['red/1', 'red/1', 'blue/1', '/1', '/1']);
  });

  it('keeps no argument from one launch to the next', async () => {
    await run('exiter', { arguments: '4' });
    expect((await run('exiter')).execution).toMatchObject({ arguments: [], exitCode: 0 });
  });

  it('stays with the version that was asked for, until another is', async () => {
    for (const version of ['1.0', '2.0', '3.0']) {
      await bench.client.register(
        'versioned',
        version,
        await bench.script(`v-${version}.sh`, `echo version ${version}`),
      );
    }
    await bench.client.define('versioned', 'versioned');
    const seen: string[] = [];
    for (const properties of ['', 'version.versioned=3.0', '', 'version.versioned=2.0', '', 'version.versioned=']) {
      seen.push(/version (\S+)/.exec((await run('versioned', { properties })).log)?.[1] ?? '');
    }
    expect(seen).toEqual(['1.0', '3.0', '3.0', '2.0', '2.0', '1.0']);
    const unknown = await bench.post('/tasks/executions/launch', {
      name: 'versioned',
      properties: 'version.versioned=9',
    });
    expect(refusalOf(unknown)).toEqual({
      status: 404,
      message: expect.stringContaining('Unknown task app: versioned'),
    });
  });

  it('chooses the platform anew each time', async () => {
    const platforms: string[] = [];
    for (const account of ['second', '', 'default', 'second']) {
      const properties = account === '' ? '' : `spring.cloud.dataflow.task.platformName=${account}`;
      platforms.push((await run('exiter', { arguments: '0', properties })).execution.platformName);
    }
    expect(platforms).toEqual(['second', 'default', 'default', 'second']);
  });

  it('shows no secret anywhere, and hands it on all the same', async () => {
    await bench.client.define('secretive', 'teller --db.password=n0where-dsl');
    const { execution, log } = await run('secretive', {
      properties: 'app.teller.app.password=n0where-property',
      arguments: '--admin.password=n0where-argument --safe=shown',
    });
    expect(log).toContain('password <n0where-property>');
    expect(log).toContain('argument <--admin.password=n0where-argument>');
    const shown = await Promise.all(
      [
        `/tasks/executions/${execution.executionId}`,
        `/tasks/executions/external/${execution.externalExecutionId}?platform=default`,
        '/tasks/executions?name=secretive',
        '/tasks/thinexecutions?name=secretive',
        '/tasks/definitions/secretive?manifest=true',
        '/tasks/definitions?manifest=true&size=100',
        '/tasks/validation/secretive',
        '/audit-records?size=2000',
      ].map(async (target) => [target, (await getJson(bench.server.url, target)).text] as const),
    );
    expect(shown.filter(([, text]) => text.includes('n0where')).map(([target]) => target)).toEqual([]);
    const all = shown.map(([, text]) => text).join();
    expect(all).toContain('--safe=shown');
    expect(all).toContain('******');
  });

  describe('of what cannot run', () => {
    const failing: [string, (directory: string) => Promise<string> | string, RegExp][] = [
      ['a file that is not there', (directory) => `file://${directory}/nothing.sh`, /nothing\.sh does not exist/],
      ['a directory', (directory) => `file://${directory}`, /is no file/],
      ['an interpreter that is not there', (directory) => oddScript(directory), /interpreter \/no\/such\/sh/],
      ['a host that is not there', () => 'http://127.0.0.1:9/x-1.0.sh', /127\.0\.0\.1/],
    ];

    it.each(failing)('%s ends with the reason', async (what, uriOf, reason) => {
      const name = `bad-${what.replaceAll(' ', '-')}`;
      const uri = await uriOf(bench.directory);
      await bench.client.register(name, '1.0.0', uri);
      await bench.client.define(name, name);
      const launched = await bench.client.launch(name);
      if (what.includes('host')) {
        // The host may come back: the launch waits and is tried again, until somebody stops it.
        await eventually(
          () => bench.client.execution(launched),
          ({ taskExecutionStatus }) => taskExecutionStatus === 'UNKNOWN',
        );
        expect((await bench.stop(launched)).status).toBe(200);
        expect(await bench.client.ended(launched)).toMatchObject({ taskExecutionStatus: 'ERROR' });
        return;
      }
      const execution = await bench.client.ended(launched);
      expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
      expect(execution.errorMessage).toMatch(reason);
    });

    it('does not keep the next launch of the task from running', async () => {
      const uri = `file://${bench.directory}/late.sh`;
      await bench.client.register('late', '1.0.0', uri);
      await bench.client.define('late', 'late');
      expect(await bench.run('late')).toMatchObject({ taskExecutionStatus: 'ERROR' });
      await bench.script('late.sh', 'exit 0');
      expect((await run('late')).execution.exitCode).toBe(0);
    });
  });

  it.each<[string, Record<string, string>, number, RegExp]>([
    ['no name', {}, 400, /./],
    ['an unknown task', { name: 'nobody' }, 404, /Could not find task definition named nobody/],
    [
      'a property with an unknown prefix',
      { name: 'teller', properties: 'foo=bar' },
      400,
      /Only deployment property keys/,
    ],
    [
      'an unknown platform',
      { name: 'teller', properties: 'spring.cloud.dataflow.task.platformName=mars' },
      404,
      /mars/,
    ],
    [
      'the name of a platform in another case',
      { name: 'teller', properties: 'spring.cloud.dataflow.task.platformName=SECOND' },
      404,
      /SECOND/,
    ],
    [
      'a deployer property of the wrong type',
      { name: 'teller', properties: 'deployer.teller.memory=much' },
      400,
      /memory/,
    ],
    [
      'a local property of the wrong type',
      { name: 'teller', properties: 'deployer.teller.local.shutdown-timeout=soon' },
      400,
      /shutdown-timeout/,
    ],
    ['a NUL character', { name: 'teller', arguments: 'a\0b' }, 400, /./],
  ])('with %s is refused, and nothing is written', async (_what, fields, status, message) => {
    const before = await executionCount();
    const answer = await bench.post('/tasks/executions/launch', fields);
    expect(refusalOf(answer)).toEqual({ status, message: expect.stringMatching(message) });
    expect(await executionCount()).toBe(before);
  });

  it('of an app that was unregistered meanwhile is refused', async () => {
    await bench.scriptTask('fleeting', 'exit 0');
    await bench.delete('/apps/task/fleeting/1.0.0');
    const answer = await bench.post('/tasks/executions/launch', { name: 'fleeting' });
    expect(refusalOf(answer)).toEqual({ status: 404, message: expect.stringContaining('Unknown task app: fleeting') });
  });

  it('many at once gives each an id, a process and an end of its own', async () => {
    const ledger = join(bench.directory, 'many');
    await bench.scriptTask('many', `echo "$1 $SPRING_CLOUD_TASK_EXECUTIONID" >> ${ledger}`);
    const launched = await Promise.all(
      Array.from({ length: 40 }, (_, at) => bench.client.launch('many', { arguments: `n${at}` })),
    );
    const ended = await Promise.all(launched.map((one) => bench.client.ended(one)));
    expect(ended.every(({ exitCode }) => exitCode === 0)).toBe(true);
    const lines = (await readFile(ledger, 'utf8')).trim().split('\n').sort();
    expect(lines).toEqual(launched.map(({ executionId }, at) => `n${at} ${executionId}`).sort());
  });
});

describe('an account that is full', () => {
  const waiter = (gate: string) => [`until [ -e ${gate} ]; do sleep 0.05; done`, 'echo "$1" >> "$2"'];

  it('refuses with 429 and says when to come back, and takes more when there is room', async () => {
    const bench = await Workbench.open({ [`${PLATFORM}.default.maximum-concurrent-tasks`]: '3' });
    try {
      const gate = join(bench.directory, 'gate');
      await bench.scriptTask('waiter', ...waiter(gate));
      const words = `x ${join(bench.directory, 'ledger')}`;
      const answers = await Promise.all(
        Array.from({ length: 9 }, () => bench.post('/tasks/executions/launch', { name: 'waiter', arguments: words })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 429, 429, 429, 429, 429, 429]);
      const refused = answers.find(({ status }) => status === 429);
      expect(refused?.headers['retry-after']).toBe('5');
      expect(refusalOf(refused ?? (await bench.get('/')))).toEqual({
        status: 429,
        message: 'Cannot launch task waiter. The maximum concurrent task executions is at its limit [3].',
      });
      expect(await bench.client.get('/tasks/executions/current')).toEqual([
        { name: 'default', type: 'Local', maximumTaskExecutions: 3, runningExecutionCount: 3, links: [] },
      ]);
      expect((await bench.list('/tasks/executions')).page.totalElements).toBe(3);
      await bench.script('gate');
      await eventually(
        () => bench.list<TaskExecution>('/tasks/executions'),
        ({ elements }) => elements.every(({ endTime }) => endTime !== null),
      );
      expect(await bench.run('waiter', { arguments: words })).toMatchObject({ exitCode: 0 });
    } finally {
      await bench.close();
    }
  }, 60_000);

  it('that takes none refuses every launch', async () => {
    const bench = await Workbench.open({ [`${PLATFORM}.default.maximum-concurrent-tasks`]: '0' });
    try {
      await bench.scriptTask('never', 'exit 0');
      expect(refusalOf(await bench.post('/tasks/executions/launch', { name: 'never' }))).toEqual({
        status: 429,
        message: 'Cannot launch task never. The maximum concurrent task executions is at its limit [0].',
      });
      expect((await bench.list('/tasks/executions')).page.totalElements).toBe(0);
    } finally {
      await bench.close();
    }
  }, 60_000);

  it('with a queue accepts all, and runs them in order as there is room; one that waits can be stopped', async () => {
    const bench = await Workbench.open({
      [`${PLATFORM}.default.maximum-concurrent-tasks`]: '1',
      'millrace.launch.queue': 'true',
    });
    try {
      const gate = join(bench.directory, 'gate');
      const ledger = join(bench.directory, 'ledger');
      await bench.scriptTask('waiter', ...waiter(gate));
      const launched: Launched[] = [];
      for (let at = 0; at < 6; at++) {
        launched.push(await bench.client.launch('waiter', { arguments: `n${at} ${ledger}` }));
      }
      const [first, second, third] = launched as [Launched, Launched, Launched];
      await eventually(
        () => bench.client.execution(first),
        ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
      );
      expect(await bench.client.execution(second)).toMatchObject({ taskExecutionStatus: 'UNKNOWN', startTime: null });
      expect(await bench.client.get('/tasks/executions/current')).toMatchObject([{ runningExecutionCount: 1 }]);

      expect((await bench.stop(third)).status).toBe(200);
      expect(await bench.client.ended(third)).toMatchObject({
        taskExecutionStatus: 'ERROR',
        errorMessage: 'Stopped before it was started.',
      });

      await bench.script('gate');
      const ended = await Promise.all(launched.map((one) => bench.client.ended(one)));
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 1, 0, 0, 0]);
      expect((await readFile(ledger, 'utf8')).trim().split('\n')).toEqual(['n0', 'n1', 'n3', 'n4', 'n5']);
    } finally {
      await bench.close();
    }
  }, 90_000);
});

/** A script that nothing can run. @returns its URI */
async function oddScript(directory: string): Promise<string> {
  await writeFile(join(directory, 'odd.sh'), '#!/no/such/sh\n', { mode: 0o755 });
  return `file://${directory}/odd.sh`;
}
