import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeDataDirectory } from '../support/data-directory.js';
import { scratchDirectory } from '../support/database.js';
import { type Launched, ServerClient } from '../support/server-client.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { writeScript } from '../support/workbench.js';

/** How often the server is killed in a row; COMPOSED_KILLS=50 for a long run. */
const KILLS = Number(process.env['COMPOSED_KILLS'] ?? 6);

let directory: string | undefined;
let server: Millrace | undefined;

afterEach(async () => {
  await server?.stop();
  if (directory !== undefined) await removeDataDirectory(directory);
}, 60_000);

const DEFINITION =
  "a: writer && <b: writer && c: writer || d: loser 'FAILED'->e: writer || <f: writer || g: writer> && h: writer> && i: writer";
const CHILDREN = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];

describe('a server that is killed again and again while it runs composed tasks', () => {
  it(
    'launches no child twice, forgets none, and ends every run as it should',
    async () => {
      directory = await mkdtemp(join(scratchDirectory(), 'millrace-kill-'));
      const ledger = join(directory, 'ledger');
      const dataDirectory = await mkdtemp(join(directory, 'data-'));
      const environment = {
        SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_MAXIMUM_CONCURRENT_TASKS: '100',
      };
      server = await startMillrace({ environment, dataDirectory });
      const client = new ServerClient(server.baseUrl);
      // One short line by one write: appended whole, however many write at once.
      const line = `echo "$SPRING_CLOUD_TASK_NAME $SPRING_CLOUD_TASK_EXECUTIONID" >> ${ledger}`;
      await client.register('writer', '1.0.0', await writeScript(directory, 'writer.sh', [line, 'sleep 0.2']));
      await client.register('loser', '1.0.0', await writeScript(directory, 'loser.sh', [line, 'sleep 0.2', 'exit 3']));
      await client.define('run', DEFINITION);

      const launched: Launched[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const { baseUrl } = server;
        launched.push(
          await new ServerClient(baseUrl).launch('run', {
            properties: 'app.composed-task-runner.uuid-instance-enabled=true',
          }),
        );
        await sleep(Math.random() * 2_500);
        server.kill('SIGKILL');
        await server.ended();
        server = await startMillrace({ environment, dataDirectory });
      }

      const again = new ServerClient(server.baseUrl);
      for (const one of launched) {
        const execution = await again.ended(one);
        const log = await again.log(execution);
        expect({ status: execution.taskExecutionStatus, log }).toEqual({ status: 'COMPLETE', log });
      }
      const ran = (await readFile(ledger, 'utf8')).trim().split('\n');
      // No execution ran twice, and no child was launched twice: each once in each run.
      expect(new Set(ran).size).toBe(ran.length);
      const counts = CHILDREN.map((child) => ran.filter((one) => one.startsWith(`run-${child} `)).length);
      expect(counts).toEqual(CHILDREN.map(() => launched.length));
    },
    120_000 + KILLS * 30_000,
  );
});
