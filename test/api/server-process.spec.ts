import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { access, chmod, chown, constants, mkdtemp, readFile, stat } from 'node:fs/promises';
import { removeDataDirectory } from '../support/data-directory.js';
import { scratchDirectory } from '../support/database.js';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerClient } from '../support/server-client.js';
import {
  type Millrace,
  type MillraceOptions,
  neutralEnvironment,
  serverCommand,
  startMillrace,
} from '../support/server.js';
import { eventually, writeScript } from '../support/workbench.js';

const project = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const servers: Millrace[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const directory of directories.splice(0)) await removeDataDirectory(directory);
}, 60_000);

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(scratchDirectory(), 'millrace-process-'));
  directories.push(directory);
  return directory;
}

async function start(options: MillraceOptions): Promise<Millrace> {
  const server = await startMillrace(options);
  servers.push(server);
  return server;
}

/** Runs the server until it ends by itself: its exit code, and what it wrote. */
async function runToEnd(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const [command = process.execPath, ...program] = serverCommand();
  const directory = await newDirectory();
  return new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    const child = spawn(command, [...program, `--millrace.data-dir=${directory}`, ...words], {
      cwd: directory,
      env: { ...neutralEnvironment(), ...environment },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function postgresPid(dataDirectory: string): Promise<number> {
  return Number((await readFile(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function defineScript(server: Millrace, name: string, lines: readonly string[]): Promise<ServerClient> {
  const client = new ServerClient(server.baseUrl);
  const directory = await newDirectory();
  // A server that runs as another user has to read it.
  await chmod(directory, 0o755);
  await client.register(name, '1.0.0', await writeScript(directory, `${name}.sh`, lines));
  await client.define(name, name);
  return client;
}

describe('the server as a process', () => {
  it('ends on SIGTERM with exit code 0, takes its PostgreSQL along, and keeps its data', async () => {
    const dataDirectory = await newDirectory();
    const first = await start({ dataDirectory });
    const client = await defineScript(first, 'hello', ['echo hello']);
    const execution = await client.ended(await client.launch('hello'));
    const postgres = await postgresPid(dataDirectory);
    expect(await first.stop()).toEqual({ code: 0, signal: null, forced: false });
    await expect(postgresPid(dataDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
    await eventually(
      async () => isAlive(postgres),
      (alive) => !alive,
    );

    const second = await start({ dataDirectory });
    const kept = await new ServerClient(second.baseUrl).list('/tasks/executions');
    expect(kept).toMatchObject([{ executionId: execution.executionId, taskName: 'hello', exitCode: 0 }]);
  }, 120_000);

  it('leaves running tasks alone when it ends, and follows them when it is back', async () => {
    const dataDirectory = await newDirectory();
    const gate = join(await newDirectory(), 'gate');
    const first = await start({ dataDirectory });
    const client = await defineScript(first, 'waiter', [`until [ -e ${gate} ]; do sleep 0.1; done`, 'exit 5']);
    const launched = await client.launch('waiter');
    expect(await first.stop()).toMatchObject({ code: 0 });
    const second = await start({ dataDirectory });
    const again = new ServerClient(second.baseUrl);
    expect((await again.execution(launched)).endTime).toBeNull();
    await writeScript(dirname(gate), 'gate', []);
    expect(await again.ended(launched)).toMatchObject({ exitCode: 5, taskExecutionStatus: 'ERROR' });
  }, 120_000);

  it('starts over what a killed server and a killed PostgreSQL left', async () => {
    const dataDirectory = await newDirectory();
    const first = await start({ dataDirectory });
    const client = await defineScript(first, 'hello', ['echo hello']);
    await client.ended(await client.launch('hello'));
    const postgres = await postgresPid(dataDirectory);
    first.kill('SIGKILL');
    await first.ended();
    process.kill(postgres, 'SIGKILL');
    await eventually(
      async () => isAlive(postgres),
      (alive) => !alive,
    );
    expect(await postgresPid(dataDirectory)).toBe(postgres);

    const second = await start({ dataDirectory });
    const again = new ServerClient(second.baseUrl);
    expect(await again.list('/tasks/executions')).toHaveLength(1);
    expect(await again.ended(await again.launch('hello'))).toMatchObject({ exitCode: 0 });
  }, 120_000);

  it('shares database and platform with a second one on the same data directory', async () => {
    const dataDirectory = await newDirectory();
    const [one, two] = await Promise.all([start({ dataDirectory }), start({ dataDirectory })]);
    const ledger = join(await newDirectory(), 'ledger');
    const client = await defineScript(one, 'writer', [`echo "$1" >> ${ledger}`]);
    const other = new ServerClient(two.baseUrl);
    const launches = await Promise.all(
      Array.from({ length: 16 }, (_, at) => (at % 2 ? client : other).launch('writer', { arguments: `n${at}` })),
    );
    const ended = await Promise.all(launches.map((launched, at) => (at % 3 ? client : other).ended(launched)));
    expect(ended.map(({ exitCode }) => exitCode)).toEqual(launches.map(() => 0));
    expect(new Set(launches.map(({ executionId }) => executionId)).size).toBe(16);
    const lines = (await readFile(ledger, 'utf8')).trim().split('\n').sort();
    expect(lines).toEqual(Array.from({ length: 16 }, (_, at) => `n${at}`).sort());
    expect(await client.list('/tasks/executions?size=50')).toEqual(
      (await other.list<object>('/tasks/executions?size=50')).map((execution) => ({
        ...execution,
        _links: expect.anything(),
      })),
    );
    await one.stop();
    expect(await other.ended(await other.launch('writer', { arguments: 'last' }))).toMatchObject({ exitCode: 0 });
  }, 120_000);

  it('says in one sentence that its port is taken, and ends with exit code 1', async () => {
    const first = await start({ dataDirectory: await newDirectory() });
    const { code, output } = await runToEnd([`--server.port=${first.port}`, '--server.address=127.0.0.1']);
    expect(code).toBe(1);
    expect(output).toContain(`Port ${first.port} is taken by another process`);
    expect(output).toContain('--server.port=');
    // The first one is none the worse for it.
    await new ServerClient(first.baseUrl).get('/tasks/executions');
    await first.stop();
  }, 120_000);

  it('says in one block what is wrong with its configuration, and ends with exit code 1', async () => {
    const { code, output } = await runToEnd(
      ['--server.port=eighty', '--spring.datasource.url=jdbc:oracle:thin:scott/geheim@db'],
      { SPRING_DATASOURCE_PASSWORD: 'geheim' },
    );
    expect(code).toBe(1);
    for (const part of ['server.port', 'eighty', 'spring.datasource.url', 'scott']) expect(output).toContain(part);
    expect(output).not.toContain('geheim');
    expect(output).not.toMatch(/^\s+at /m);
  }, 60_000);

  it('runs as an ordinary user, with a database of that user', async () => {
    const account = await ordinaryAccount();
    const dataDirectory = await newDirectory();
    if (account !== undefined) await chown(dataDirectory, account.uid, account.gid);
    const server = await start({ dataDirectory, ...(account === undefined ? {} : { account }) });
    const uid = account?.uid ?? process.getuid?.();
    const client = await defineScript(server, 'who', ['id -u']);
    const execution = await client.ended(await client.launch('who'));
    expect(await client.log(execution)).toBe(`stdout:\n${uid}\n`);
    expect((await stat(join(dataDirectory, 'postgres'))).uid).toBe(uid);
  }, 120_000);

  it('writes no secret into its log, not even at level trace', async () => {
    const server = await start({
      dataDirectory: await newDirectory(),
      arguments: ['--logging.level.root=trace'],
      environment: { SPRING_CLOUD_DATAFLOW_CONTAINER_REGISTRY_CONFIGURATIONS_R_SECRET: 'n0tInTheLog-0' },
    });
    const client = new ServerClient(server.baseUrl);
    const uri = await writeScript(await newDirectory(), 'quiet.sh', ['exit 3']);
    await client.register('quiet', '1.0.0', uri);
    await client.define('quiet', 'quiet --db.password=n0tInTheLog-1');
    const execution = await client.ended(
      await client.launch('quiet', {
        properties: 'app.quiet.api.secret=n0tInTheLog-2',
        arguments: '--admin.password=n0tInTheLog-3',
      }),
    );
    await client.list('/tasks/executions');
    await server.stop();
    expect(server.log()).toContain(execution.externalExecutionId);
    expect(server.log()).not.toContain('n0tInTheLog');
  }, 120_000);
});

/** Root tests as `nobody`, anybody else as himself. */
async function ordinaryAccount(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('there is no account "nobody" to test with');
  // Under a home that only root may enter nobody could not even read the program.
  for (let directory = project; directory !== dirname(directory); directory = dirname(directory)) {
    if (((await stat(directory)).mode & 0o001) === 0) {
      console.warn(`not tested as an ordinary user: ${directory} is closed to others`);
      return undefined;
    }
  }
  await access(join(project, 'dist', 'main.mjs'), constants.R_OK);
  return { uid: Number(uid), gid: Number(gid) };
}
