import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerEngineHere } from '../support/container-engine.js';
import { describeWhere } from '../support/describe-where.js';
import { removeDataDirectory } from '../support/data-directory.js';
import { exchange } from '../support/http.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { ServerClient } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

/** Of version 2 of control groups, or of version 1. */
const MEMORY_LIMIT = 'cat /sys/fs/cgroup/memory.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes';

const engine = await containerEngineHere();

describeWhere('images on platform Local', engine)('a container image on platform Local, with a real engine', () => {
  const { call, image, environment } = engine.available
    ? engine
    : { call: undefined as never, image: '', environment: {} };
  let dataDirectory: string;
  let server: Millrace;
  let client: ServerClient;

  beforeAll(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-containers-'));
    await start();
    await client.register('box', '1.0.0', `docker:${image}`);
    await client.register('none', '1.0.0', 'docker:localhost/millrace-no-such-image:1');
    await client.define('box', 'box --greeting=hello');
    await client.define('none', 'none');
  }, 180_000);

  afterAll(async () => {
    await server?.stop();
    await removeDataDirectory(dataDirectory);
  }, 120_000);

  async function start(): Promise<void> {
    server = await startMillrace({ dataDirectory, environment });
    client = new ServerClient(server.baseUrl);
  }

  const launch = (script: string, properties = '') =>
    client.launch('box', { arguments: `sh -c "${script}"`, ...(properties === '' ? {} : { properties }) });
  const containers = async (name: string) =>
    (await call('ps', '--all', '--filter', `name=${name}`, '--format', '{{.Names}}')).split('\n').filter(Boolean);

  it('runs once, with its properties, its arguments, its log and its exit code', async () => {
    const ended = await client.ended(await launch('echo properties $SPRING_APPLICATION_JSON; exit 3'));
    expect(ended).toMatchObject({ exitCode: 3, taskExecutionStatus: 'ERROR' });
    const log = await client.logWith(ended, /properties/);
    const [, json = ''] = /properties (\{.*\})/.exec(log) ?? [];
    expect(JSON.parse(json)).toMatchObject({ greeting: 'hello' });
    expect(await containers(ended.externalExecutionId)).toEqual([]);
  }, 120_000);

  it('leaves its container until clean-up, if that is asked for', async () => {
    const ended = await client.ended(
      await launch('echo kept', 'deployer.box.local.docker.delete-container-on-exit=false'),
    );
    expect(await containers(ended.externalExecutionId)).toEqual([ended.externalExecutionId]);
    const target = `/tasks/executions/${ended.executionId}?action=CLEANUP`;
    expect(await exchange(server.baseUrl, { method: 'DELETE', target })).toMatchObject({ status: 200 });
    await eventually(
      () => containers(ended.externalExecutionId),
      (found) => found.length === 0,
    );
    expect(await client.log(ended)).toContain('kept');
  }, 120_000);

  it('is stopped by SIGTERM', async () => {
    const launched = await launch("trap 'exit 4' TERM; echo ready; while :; do sleep 0.1; done");
    const running = await client.execution(launched);
    await client.logWith(running, /ready/);
    const { executionId } = launched;
    expect(
      await exchange(server.baseUrl, { method: 'POST', target: `/tasks/executions/${executionId}` }),
    ).toMatchObject({
      status: 200,
    });
    expect(await client.ended(launched)).toMatchObject({ exitCode: 4 });
  }, 120_000);

  it('that does not exist ends with the word of the engine', async () => {
    const ended = await client.ended(await client.launch('none'));
    expect(ended).toMatchObject({ taskExecutionStatus: 'ERROR' });
    expect(ended.errorMessage).toMatch(/millrace-no-such-image/);
  }, 180_000);

  it('goes on while its server is killed, and the next one knows how it ended', async () => {
    const launched = await launch('echo begun; sleep 6; echo over; exit 5');
    await client.logWith(await client.execution(launched), /begun/);
    server.kill('SIGKILL');
    await server.ended();
    await start();
    const ended = await client.ended(launched);
    expect(ended).toMatchObject({ exitCode: 5, taskExecutionStatus: 'ERROR' });
    expect((await client.logWith(ended, /over/)).match(/begun/g)).toHaveLength(1);
  }, 180_000);

  it('may have no more memory than it is given', async () => {
    const ended = await client.ended(await launch(MEMORY_LIMIT, 'deployer.box.memory=64m'));
    expect(await client.logWith(ended, /\d/)).toContain(String(64 * 1024 * 1024));
  }, 120_000);
});
