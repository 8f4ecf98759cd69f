/**
 * Drives every operation of the OpenAPI document with made-up requests (schemathesis) against the built server on a
 * PostgreSQL of its own. Ends with 1 when an answer was a server error, or was not as the document says.
 *
 *   npm run build && node test/fuzz/run.mjs
 *
 * FUZZ_EXAMPLES  requests of an operation in the fuzzing phase; 50 unless given (two or three minutes), 1000 for a long run
 * FUZZ_SEED      repeats a run
 * FUZZ_WORKERS   operations at a time; 2 unless given
 *
 * schemathesis is a Python program. It is installed outside the tree, below $XDG_CACHE_HOME/millrace, when it is not there;
 * without Python or without the package index the run is skipped, which it says, and ends with 0.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/main.mjs');
const PACKAGES = ['schemathesis==4.32.5', 'openapi-spec-validator==0.9.0'];
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];

process.exitCode = await main();

async function main() {
  if (!existsSync(PROGRAM)) {
    console.error('There is no dist/main.mjs to test: run "npm run build" first.');
    return 1;
  }
  const tools = await provideTools();
  if (tools.missing !== undefined) {
    console.log(`Fuzzing skipped: ${tools.missing}`);
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'millrace-fuzz-'));
  try {
    return await fuzz(tools, directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function fuzz(tools, directory) {
  const server = await startServer(directory);
  try {
    await provideData(server.url);
    await validateDocument(tools, server.url, directory);
    const passed = await runSchemathesis(tools, server.url, directory);
    const alive = server.process.exitCode === null;
    const faults = server.faults();
    for (const fault of faults.slice(0, 10)) console.error(`server log: ${fault.slice(0, 2_000)}`);
    const good = passed && alive && faults.length === 0;
    if (alive) console.log(`Statuses: ${await statuses(server.url)}.`);
    console.log(
      `Fuzzing ${good ? 'passed' : 'FAILED'}: answers ${passed ? 'as documented' : 'not as documented'}, ` +
        `${faults.length} faults in the server's log, server ${alive ? 'still up' : 'gone'}.`,
    );
    return good ? 0 : 1;
  } finally {
    await server.stop();
  }
}

/** A directory of programs with schemathesis and the validator, or why there is none. */
async function provideTools() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'millrace');
  const home = join(cache, `fuzz-${PACKAGES.join('-').replaceAll(/[^\w.]+/g, '-')}`);
  if (existsSync(join(home, 'complete'))) return { bin: join(home, 'bin') };
  const python = await firstWorking(['python3', 'python']);
  if (python === undefined) return { missing: 'there is no Python 3.10 or newer on the PATH.' };
  try {
    await mkdir(cache, { recursive: true });
    await rm(home, { recursive: true, force: true });
    // A virtual environment cannot be moved, so it is made in place and marked when it is complete.
    await run(python, ['-m', 'venv', home]);
    await run(join(home, 'bin/pip'), ['install', '--quiet', ...PACKAGES], { timeout: 10 * 60_000 });
    await writeFile(join(home, 'complete.part'), '');
    await rename(join(home, 'complete.part'), join(home, 'complete'));
    return { bin: join(home, 'bin') };
  } catch (error) {
    const reason = `${error.stderr ?? error.message}`.trim().split('\n').at(-1);
    return { missing: `schemathesis cannot be installed (${reason}).` };
  }
}

async function firstWorking(commands) {
  for (const command of commands) {
    try {
      await run(command, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))']);
      return command;
    } catch {
      // Not there, or too old: try the next.
    }
  }
  return undefined;
}

async function startServer(directory) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(spring|server|millrace|management|logging|maven|kubernetes)(_|$)/i.test(name),
  );
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: directory,
    env: {
      ...Object.fromEntries(inherited),
      SERVER_ADDRESS: '127.0.0.1',
      SERVER_PORT: String(port),
      MILLRACE_DATA_DIR: join(directory, 'data'),
      MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE: 'health,info,prometheus',
      MANAGEMENT_ENDPOINT_HEALTH_SHOW_DETAILS: 'always',
      MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED: 'true',
      MANAGEMENT_METRICS_EXPORT_PROMETHEUS_ENABLED: 'true',
      // Apps that the fuzzer makes up shall not be looked for in the world.
      MAVEN_OFFLINE: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await exited;
    clearTimeout(killer);
  };
  for (let attempt = 0; ; attempt += 1) {
    if (child.exitCode !== null || attempt > 600) {
      await stop();
      throw new Error(`The server does not come up:\n${log.slice(-5_000)}`);
    }
    if (
      await fetch(`${url}/about`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      break;
    await sleep(100);
  }
  const faults = () => log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
  return { url, process: child, stop, faults };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** What hooks.py names: apps, tasks, executions. */
async function provideData(url) {
  for (const [name, bootVersion] of [
    ['one', '2'],
    ['two', '3'],
    ['three', '2'],
  ]) {
    await post(url, `/apps/task/${name}/1.0`, { uri: 'file:///bin/true', bootVersion });
  }
  await post(url, '/tasks/definitions', { name: 'single', definition: 'one --key=value' });
  await post(url, '/tasks/definitions', { name: 'boot3', definition: 'two' });
  await post(url, '/tasks/definitions', { name: 'composed', definition: "one 'FAILED' -> two && three" });
  for (const name of ['single', 'single', 'boot3']) await post(url, '/tasks/executions/launch', { name });
}

async function post(url, path, fields) {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
}

async function validateDocument({ bin }, url, directory) {
  const file = join(directory, 'openapi.json');
  await writeFile(file, await (await fetch(`${url}/v3/api-docs`)).text());
  try {
    await run(join(bin, 'python'), ['-m', 'openapi_spec_validator', file]);
  } catch (error) {
    throw new Error(`The OpenAPI document is not valid:\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
  }
}

/** How many answers of each status the server has counted: a run that only ever gets 404 has tested little. */
async function statuses(url) {
  const counts = new Map();
  const text = await fetch(`${url}/management/prometheus`).then((answer) => answer.text());
  for (const [, status, count] of text.matchAll(/^http_server_requests_seconds_count\{.*status="(\d+)".*\} (\d+)$/gm)) {
    counts.set(status, (counts.get(status) ?? 0) + Number(count));
  }
  return [...counts]
    .sort()
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
}

async function runSchemathesis({ bin }, url, directory) {
  const words = [
    ...['run', `${url}/v3/api-docs`, '--no-color', '--continue-on-failure', '--warnings', 'off'],
    ...['--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join(',')],
    ...['--max-examples', process.env.FUZZ_EXAMPLES ?? '50', '--workers', process.env.FUZZ_WORKERS ?? '2'],
    ...['--request-timeout', '30', '--suppress-health-check', 'all', '--generation-database', 'none'],
    ...(process.env.FUZZ_SEED === undefined ? [] : ['--seed', process.env.FUZZ_SEED]),
  ];
  const child = spawn(join(bin, 'schemathesis'), words, {
    cwd: directory,
    env: {
      ...process.env,
      SCHEMATHESIS_HOOKS: 'hooks',
      PYTHONPATH: join(ROOT, 'test/fuzz'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
