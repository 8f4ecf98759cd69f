import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { removeDataDirectory } from '../support/data-directory.js';
import { freePort } from '../support/server-process.js';

const DEMO = resolve(import.meta.dirname, '..', '..', 'dist', 'demo.mjs');

/** The demo is the first thing that a new user runs; on a machine with nothing but Node it has to tell its story all the same. */
describe('npm run demo', () => {
  let directory: string;
  let dataDirectory: string;
  let environment: Record<string, string>;
  let port: number;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
    // PostgreSQL is another user's process where the tests run as root.
    await chmod(directory, 0o755);
    await symlink(process.execPath, join(directory, 'node'));
    dataDirectory = join(directory, 'data');
    port = await freePort();
    environment = {
      ...{ PATH: directory, HOME: directory, MILLRACE_DATA_DIR: dataDirectory },
      ...{ SERVER_PORT: String(port), SERVER_ADDRESS: '127.0.0.1' },
    };
  });
  afterAll(async () => {
    await removeDataDirectory(dataDirectory);
    await rm(directory, { recursive: true, force: true });
  });

  const tell = (...words: string[]) =>
    new Promise<{ readonly exitCode: number; readonly text: string; readonly complaint: string }>((done) => {
      const options = { cwd: directory, env: environment, timeout: 200_000 };
      execFile(process.execPath, [DEMO, ...words], options, (error, text, complaint) =>
        done({ exitCode: error === null ? 0 : Number(error.code ?? -1), text, complaint }),
      );
    });

  it('tells its story on a server of its own, where the settings want it, and ends it', async () => {
    const { exitCode, text, complaint } = await tell('--exit');
    expect({ exitCode, complaint }).toEqual({ exitCode: 0, complaint: '' });
    expect(text).toContain(`http://localhost:${port}  Millrace`);
    expect(text).toContain('(started for this demo; data and log in data)');
    expect(text).toMatch(/demo-greeting {2}COMPLETE +0 .*\n.*demo-import +COMPLETE +0 .*\n.*demo-check +ERROR +3 /);
    expect(text).toContain('| argument: two words');
    expect(text).toContain('exit code 3: warehouse east: 2 articles below their minimum');
    expect(text).toMatch(/demo-watch +ERROR +143 [^]*killed by signal SIGTERM[^]*\| asked to stop after/);
    expect(text).toMatch(/Left out: a real Spring Batch job, because there is no/);
    expect(text).toMatch(/app\.demo-greeting\.greeting\.password +\*{6}/);
    expect(text).not.toContain('Not as expected');
    await expect(fetch(`http://127.0.0.1:${port}/about`)).rejects.toThrow();
  }, 240_000);

  it('leaves its server up until Ctrl-C, is told again on a server that runs, and keeps what was there', async () => {
    const demo = spawn(process.execPath, [DEMO], { cwd: directory, env: environment });
    let text = '';
    demo.stdout.on('data', (part: Buffer) => (text += part.toString()));
    const ended = once(demo, 'exit');
    try {
      while (!text.includes('The server stays up. Ctrl-C ends it; its data stays in data.') && demo.exitCode === null) {
        await Promise.race([once(demo.stdout, 'data'), ended]);
      }
      expect(text).toContain(`http://localhost:${port}/swagger-ui.html`);
      const again = await tell();
      expect(again).toMatchObject({ exitCode: 0, complaint: '' });
      expect(again.text).toContain(`http://localhost:${port}  Millrace`);
      expect(again.text).toContain('(running already)');
      expect(again.text).toContain('the latest of 12 executions of all tasks');
      expect((await fetch(`http://127.0.0.1:${port}/about`)).status).toBe(200);
    } finally {
      demo.kill('SIGINT');
      await ended;
    }
    expect(demo.exitCode).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/about`)).rejects.toThrow();
  }, 240_000);

  it('says what is wrong with the settings, and when its server does not start', async () => {
    environment = { ...environment, SPRING_DATASOURCE_URL: 'jdbc:oracle:thin:@x' };
    const unusable = await tell('--exit');
    expect(unusable.exitCode).toBe(1);
    expect(unusable.complaint).toMatch(/spring\.datasource\.url\n.*\n.*\n.*Oracle is not supported/);
    const url = `jdbc:postgresql://127.0.0.1:${await freePort()}/none`;
    environment = { ...environment, SPRING_DATASOURCE_URL: url, SPRING_DATASOURCE_HIKARI_CONNECTION_TIMEOUT: '1000' };
    const unreachable = await tell('--exit');
    expect(unreachable.exitCode).toBe(1);
    expect(unreachable.complaint).toMatch(/^\nThe server did not start: .*127\.0\.0\.1/);
    expect(unreachable.complaint).toContain(`Its whole log is ${join(dataDirectory, 'demo-server.log')}`);
  }, 240_000);
});
