import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COUNT = 50;

/**
 * A server process: launches all executions, waits for their ends, says how they ended. Or it kills itself at once after so
 * many launches: a machine under load would let it get further than whoever kills it from outside wants.
 */
const SERVER = `
import { LocalPlatform } from './local-platform.mjs';
const [root, count, dieAfter] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
let launched = 0;
const platform = new LocalPlatform({
  accountName: 'default', settings: {}, instanceId: 'test', workingDirectory: root + '/tasks',
  resources: { resolve: async (uri) => new URL(uri).pathname }, javaHomePaths: {}, parentEnvironment: process.env,
  logger: { info() {}, warn() {}, error(facts, message) { console.log('error ' + message, facts); } },
});
await platform.start();
const ids = Array.from({ length: count }, (_, index) => 'task-' + index);
await Promise.all(ids.map(async (id, index) => {
  await platform.launch({
    externalExecutionId: id, execution: { id: index, schemaTarget: 'boot2', instanceId: 'test' }, taskName: 'task',
    resourceUri: 'file://' + root + '/program', bootVersion: '2', appProperties: {}, dataSource: {}, deploymentProperties: {},
    arguments: [root, String(index)], springArguments: [],
  });
  launched += 1;
  if (launched === dieAfter) process.kill(process.pid, 'SIGKILL');
}));
for (;;) {
  const statuses = await platform.status(ids);
  if (statuses.every(({ phase }) => phase === 'succeeded' || phase === 'failed')) {
    console.log('ended ' + JSON.stringify(statuses));
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await platform.close();
`;

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'server-death-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'local-platform.ts')],
    outfile: join(root, 'local-platform.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  await writeFile(join(root, 'server.mjs'), SERVER);
  await writeFile(join(root, 'program'), '#!/bin/sh\necho "$2" >> "$1/ran.txt"\nsleep 0.5\nexit $(($2 % 7))\n');
  await chmod(join(root, 'program'), 0o755);
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** @param dieAfter launches after which the process dies; 0: it lives to its end */
async function runServer(dieAfter: number): Promise<string[]> {
  const server = spawn(process.execPath, [join(root, 'server.mjs'), root, String(COUNT), String(dieAfter)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise((resolve) => server.once('close', resolve));
  const lines: string[] = [];
  for await (const line of createInterface({ input: server.stdout })) lines.push(line);
  await closed;
  expect(server.signalCode).toBe(dieAfter === 0 ? null : 'SIGKILL');
  return lines;
}

describe('a server that is killed while it launches', () => {
  it('and its successors start each program once, and the last one knows every exit code', async () => {
    for (const dieAfter of [1, 5, 12, 30]) {
      expect((await runServer(dieAfter)).filter((line) => line.startsWith('ended'))).toEqual([]);
    }
    const last = (await runServer(0)).at(-1)!;
    const statuses = JSON.parse(last.replace(/^ended /, ''));
    expect(statuses.map(({ exitCode, phase }: { exitCode: number; phase: string }) => [exitCode, phase])).toEqual(
      Array.from({ length: COUNT }, (_, index) => [index % 7, index % 7 === 0 ? 'succeeded' : 'failed']),
    );
    const ran = (await readFile(join(root, 'ran.txt'), 'utf8')).trimEnd().split('\n').map(Number);
    expect(ran.sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, index) => index));
  }, 60_000);
});
