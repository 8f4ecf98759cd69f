import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { form } from '../support/http.js';
import { ServerClient } from '../support/server-client.js';
import { ask } from './measure.js';

/** How fast launches were accepted. */
export interface LaunchFigures {
  readonly callers: number;
  readonly launches: number;
  /** Launches answered with 201. */
  readonly accepted: number;
  /** Answers a second. */
  readonly rate: number;
  /** Until all of them had ended, a second. */
  readonly endRate: number;
}

/** The task that {@link prepareLaunches} defines. */
export const LAUNCHED_TASK = 'bench-launch';

/** Registers the trivial program and defines its task; both may be there already. */
export async function prepareLaunches(baseUrl: string): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  await ask(agent, baseUrl, '/apps/task/bench-true/1.0', form({ uri: 'file:///bin/true', force: 'true' }));
  await ask(agent, baseUrl, '/tasks/definitions', form({ name: LAUNCHED_TASK, definition: 'bench-true' }));
  agent.destroy();
}

/** Has callers launch one after the other, all together `launches` times, and waits until everything has ended. */
export async function measureLaunches(baseUrl: string, callers: number, launches: number): Promise<LaunchFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const before = await ended(baseUrl);
  let open = launches;
  let accepted = 0;
  const begin = performance.now();
  const caller = async () => {
    while (open > 0) {
      open -= 1;
      const { status } = await ask(agent, baseUrl, `/tasks/executions/launch`, form({ name: LAUNCHED_TASK }));
      if (status === 201) accepted += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - begin) / 1000;
  agent.destroy();
  while ((await ended(baseUrl)) - before < accepted && performance.now() - begin < 300_000) await sleep(100);
  const untilEnd = (performance.now() - begin) / 1000;
  return { callers, launches, accepted, rate: launches / seconds, endRate: launches / untilEnd };
}

async function ended(baseUrl: string): Promise<number> {
  const answer = await new ServerClient(baseUrl).get(`/tasks/info/executions?completed=true&name=${LAUNCHED_TASK}`);
  return (answer as { totalExecutions: number }).totalExecutions;
}
