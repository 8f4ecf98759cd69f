import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { removeDataDirectory } from '../support/data-directory.js';
import { scratchDirectory } from '../support/database.js';
import { join } from 'node:path';
import { exchange, postForm } from '../support/http.js';
import { type Launched, ServerClient, type TaskExecution } from '../support/server-client.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { eventually, writeScript } from '../support/workbench.js';

const LAUNCHES = 200;
const CALLERS = 8;

let directory: string | undefined;
let server: Millrace | undefined;

afterEach(async () => {
  await server?.stop();
  if (directory !== undefined) await removeDataDirectory(directory);
}, 60_000);

/** What the callers heard: every launch by its number, with the answer, or without one. */
interface Heard {
  readonly answered: Map<number, Launched>;
  readonly cutOff: number[];
  readonly refused: string[];
}

/** Launches tasks with several callers at once until all are launched or the server does not answer any more. */
async function launchAll(baseUrl: string, ledger: string, onAnswer: (count: number) => void): Promise<Heard> {
  const heard: Heard = { answered: new Map(), cutOff: [], refused: [] };
  let next = 0;
  const caller = async () => {
    while (next < LAUNCHES && heard.cutOff.length === 0) {
      const number = next++;
      try {
        const words = `launch-${number} ${ledger}`;
        const answer = await postForm(baseUrl, '/tasks/executions/launch', { name: 'writer', arguments: words });
        if (answer.status === 201) heard.answered.set(number, answer.body as Launched);
        else heard.refused.push(answer.text);
      } catch {
        heard.cutOff.push(number);
      }
      onAnswer(heard.answered.size);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return heard;
}

async function allExecutions(baseUrl: string): Promise<TaskExecution[]> {
  return new ServerClient(baseUrl).list<TaskExecution>('/tasks/executions?size=2000');
}

describe('a server killed in the middle of launches', () => {
  it.each(['early', 'in the middle', 'late'])(
    '%s loses and doubles none of them',
    async (when) => {
      directory = await mkdtemp(join(scratchDirectory(), 'millrace-kill-'));
      const ledger = join(directory, 'ledger');
      const environment = {
        SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_MAXIMUM_CONCURRENT_TASKS: String(2 * LAUNCHES),
      };
      const dataDirectory = await mkdtemp(join(directory, 'data-'));
      server = await startMillrace({ environment, dataDirectory });
      const client = new ServerClient(server.baseUrl);
      // One short line by one write: appended whole, however many write at once.
      const uri = await writeScript(directory, 'writer.sh', [
        'echo "$1 $SPRING_CLOUD_TASK_EXECUTIONID" >> "$2"',
        'sleep 0.1',
      ]);
      await client.register('writer', '1.0.0', uri);
      await client.define('writer', 'writer');

      const killAt = { early: 2, 'in the middle': 60, late: 150 }[when] ?? 0;
      const killed = server;
      const heard = await launchAll(server.baseUrl, ledger, (count) => {
        if (count >= killAt + Math.floor(Math.random() * 20)) killed.kill('SIGKILL');
      });
      expect(await killed.ended()).toMatchObject({ signal: 'SIGKILL' });
      expect(heard.refused).toEqual([]);
      expect(heard.answered.size).toBeGreaterThanOrEqual(killAt);
      expect(heard.answered.size).toBeLessThan(LAUNCHES);

      server = await startMillrace({ environment, dataDirectory });
      const { baseUrl } = server;
      const executions = await eventually(
        () => allExecutions(baseUrl),
        (found) => found.every(({ endTime }) => endTime !== null),
        60_000,
      );

      const bad = executions.filter(({ exitCode, taskExecutionStatus: s }) => exitCode !== 0 || s !== 'COMPLETE');
      expect(bad).toEqual([]);
      // What the table says was launched, and what really ran: one line for each, none twice, none missing.
      const inTable = executions.map(({ executionId, arguments: [name] }) => `${name} ${executionId}`).sort();
      const ran = (await readFile(ledger, 'utf8')).trim().split('\n').sort();
      expect(ran).toEqual(inTable);
      const names = executions.map(({ arguments: [name] }) => name);
      expect(new Set(names).size).toBe(names.length);
      // Everything that was accepted is there under the id that was answered, and nothing beside it but what was cut off.
      const promised = [...heard.answered].map(([number, { executionId }]) => `launch-${number} ${executionId}`);
      expect(inTable).toEqual(expect.arrayContaining(promised));
      const beside = inTable.filter((line) => !promised.includes(line)).map((line) => line.split(' ')[0]);
      expect(heard.cutOff.map((number) => `launch-${number}`)).toEqual(expect.arrayContaining(beside));
    },
    180_000,
  );

  it('while their programs run learns of their ends from what they left', async () => {
    directory = await mkdtemp(join(scratchDirectory(), 'millrace-kill-'));
    const dataDirectory = await mkdtemp(join(directory, 'data-'));
    server = await startMillrace({ dataDirectory });
    const client = new ServerClient(server.baseUrl);
    const gate = join(directory, 'gate');
    const uri = await writeScript(directory, 'waiter.sh', [`until [ -e ${gate} ]; do sleep 0.1; done`, 'exit "$1"']);
    await client.register('waiter', '1.0.0', uri);
    await client.define('waiter', 'waiter');
    const codes = [0, 7, 0, 42];
    const launched = await Promise.all(codes.map((code) => client.launch('waiter', { arguments: String(code) })));
    server.kill('SIGKILL');
    await server.ended();
    await writeScript(directory, 'gate', []);

    server = await startMillrace({ dataDirectory });
    const again = new ServerClient(server.baseUrl);
    const ended = await Promise.all(launched.map((one) => again.ended(one)));
    expect(ended.map(({ exitCode }) => exitCode)).toEqual(codes);
    expect(ended.map(({ taskExecutionStatus }) => taskExecutionStatus)).toEqual([
      'COMPLETE',
      'ERROR',
      'COMPLETE',
      'ERROR',
    ]);
  }, 120_000);

  it('loses the log of none of them, also when their files go', async () => {
    directory = await mkdtemp(join(scratchDirectory(), 'millrace-kill-'));
    const dataDirectory = await mkdtemp(join(directory, 'data-'));
    server = await startMillrace({ dataDirectory });
    const client = new ServerClient(server.baseUrl);
    const uri = await writeScript(directory, 'talker.sh', ['echo "this is $1"']);
    await client.register('talker', '1.0.0', uri);
    await client.define('talker', 'talker');
    const numbers = Array.from({ length: 12 }, (_, number) => number);
    const launched = await Promise.all(numbers.map((n) => client.launch('talker', { arguments: String(n) })));
    // The first end is in its row: its log and all others are kept, or not, or half.
    await Promise.race(launched.map((one) => client.ended(one)));
    server.kill('SIGKILL');
    await server.ended();

    server = await startMillrace({ dataDirectory });
    const again = new ServerClient(server.baseUrl);
    const executions = await Promise.all(launched.map((one) => again.ended(one)));
    for (const { executionId } of executions) {
      await exchange(server.baseUrl, { method: 'DELETE', target: `/tasks/executions/${executionId}` });
    }
    const logs = await Promise.all(executions.map((execution) => again.log(execution)));
    expect(logs).toEqual(numbers.map((number) => `stdout:\nthis is ${number}\n`));
    // What stays is whose directory it is.
    await expect(readdir(join(dataDirectory, 'tasks', 'default'))).resolves.toEqual(['.domain']);
  }, 120_000);
});
