import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXECUTION_ID_LABEL } from '../../src/platforms/kubernetes/specs/labels.js';
import { watchPods } from '../support/cluster-pods.js';
import { ClusterServer, type DefinedWork } from '../support/cluster-server.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

const KILLS = 50;
/** ms after the first launch of a round was sent or answered, at most. */
const LATEST_KILL = 400;
/** ms before the kill at which the second launch of a round begins, at most: it dies in the middle of that. */
const LONGEST_LAUNCH = 60;

/** What the callers heard. */
interface Heard {
  readonly accepted: Launched[];
  /** Launches that got no answer: they may be or not. */
  cutOff: number;
  readonly refused: string[];
}

describeWithCluster('a server that is killed again and again while it launches', () => {
  let server: ClusterServer;
  let work: DefinedWork;

  beforeAll(async () => {
    server = await ClusterServer.open(usedCluster);
    work = await server.define({ script: 'echo ran' });
  });
  afterAll(async () => {
    await server?.close();
  });

  const launch = async (heard: Heard) => {
    try {
      const answer = await server.tryLaunch(work);
      if (answer.status === 201) heard.accepted.push(answer.body as Launched);
      else heard.refused.push(answer.text);
    } catch {
      heard.cutOff++;
    }
  };

  it(`${KILLS} times loses and doubles nothing`, async () => {
    const pods = await watchPods(usedCluster, server.namespaceOf());
    const heard: Heard = { accepted: [], cutOff: 0, refused: [] };
    for (let kill = 0; kill < KILLS; kill++) {
      const killed = server.server;
      const first = launch(heard);
      // Every other round counts from the answer: those kills come while the pod starts, runs and ends.
      if (kill % 2 === 1) await first;
      const delay = Math.random() * LATEST_KILL;
      const ahead = Math.min(delay, Math.random() * LONGEST_LAUNCH);
      await sleep(delay - ahead);
      const second = launch(heard);
      await sleep(ahead);
      killed.kill('SIGKILL');
      await Promise.all([first, second, killed.ended()]);
      await server.start();
    }
    expect(heard.refused).toEqual([]);

    const executions = await eventually(
      () => server.client.list<TaskExecution>('/tasks/executions?size=2000'),
      (found) => found.every(({ endTime }) => endTime !== null),
      240_000,
    );
    const said = `${heard.accepted.length} accepted, ${heard.cutOff} cut off, ${executions.length} executions`;
    process.stderr.write(`${KILLS} kills: ${said}, ${pods.made.size} pods.\n`);
    const bad = executions.filter(({ exitCode, taskExecutionStatus: s }) => exitCode !== 0 || s !== 'COMPLETE');
    expect(bad).toEqual([]);

    // All that was accepted is there under the id that was answered, and beside it only what got no answer.
    const ids = executions.map(({ executionId }) => executionId).sort((one, other) => one - other);
    const accepted = heard.accepted.map(({ executionId }) => executionId);
    expect(new Set(accepted).size).toBe(accepted.length);
    expect(ids).toEqual(expect.arrayContaining(accepted));
    expect(ids.length - accepted.length).toBeLessThanOrEqual(heard.cutOff);

    // Each has one pod, never had another, and its container ran once.
    const ran = [...pods.made.values()].map(Number).sort((one, other) => one - other);
    expect(ran).toEqual(ids);
    const now = await server.pods();
    expect(now.map(({ metadata }) => Number(metadata?.labels?.[EXECUTION_ID_LABEL])).sort((a, b) => a - b)).toEqual(
      ids,
    );
    const containers = now.flatMap(({ status }) => status?.containerStatuses ?? []);
    expect(containers.filter(({ restartCount }) => restartCount > 0)).toEqual([]);
    const [count] = await server.query(
      `select count(*)::int as launches, count(*) filter (where state = 'ended')::int as ended from millrace_launch`,
    );
    expect(count).toEqual({ launches: ids.length, ended: ids.length });
    pods.close();
  }, 480_000);
});
