import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mavenHere } from '../support/maven.js';
import { type Launched, ServerClient, type TaskExecution } from '../support/server-client.js';
import { expectExactTotals } from './exact-totals.js';
import { JARS } from './generations.js';
import { expectStatus } from './scdf-story.js';
import { buildApplications } from './session.js';
import { SharedDatabase } from './shared-database.js';

const maven = await mavenHere();
if (!maven.available) {
  const skipped = `SKIPPED: the real SCDF 2.11.5 and Millrace side by side on one database, because ${maven.reason}`;
  console.log(skipped);
  it.skip(skipped, () => {});
}

const LAUNCHES = 20;
/** How many of each server are under way at a time: each is a Java machine of its own. */
const LANES = 4;

(maven.available ? describe : describe.skip)('the real SCDF 2.11.5 and Millrace, side by side on one database', () => {
  let shared: SharedDatabase;
  let scdf: ServerClient;
  let millrace: ServerClient;
  const launched: { readonly by: 'scdf' | 'millrace'; readonly task: string; readonly launch: Launched }[] = [];

  beforeAll(async () => {
    const applications = await buildApplications();
    shared = await SharedDatabase.open();
    scdf = new ServerClient((await shared.startScdf()).baseUrl);
    millrace = new ServerClient((await shared.startMillrace()).baseUrl);
    const stamp = join(shared.directory, 'timestamp-task-1.0.0.jar');
    await copyFile(join(applications, JARS.stamp), stamp);
    // What one registers, the other launches.
    await scdf.register('stamp', '1.0.0', `file://${stamp}`, '2');
    await millrace.register('stamp3', '1.0.0', `file://${join(applications, JARS.stamp3)}`, '3');
    await millrace.define('tick', 'stamp');
    await scdf.define('tick3', 'stamp3');
  }, 45 * 60_000);

  afterAll(() => shared?.close(), 120_000);

  it(`launch ${LAUNCHES} tasks each at the same time, and each sees those of the other end`, async () => {
    const lane = async (by: 'scdf' | 'millrace', numbers: readonly number[]) => {
      const [own, other] = by === 'scdf' ? [scdf, millrace] : [millrace, scdf];
      for (const number of numbers) {
        const task = number % 2 === 0 ? 'tick' : 'tick3';
        const launch = await own.launch(task, { arguments: `--timestamp.exit-message=${by}-${number}` });
        launched.push({ by, task, launch });
        const ended = await other.ended(launch, 300_000);
        expect(ended).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitMessage: `${by}-${number}` });
        expect(withoutLinks(await own.execution(launch))).toEqual(withoutLinks(ended));
      }
    };
    const lanes = Array.from({ length: LANES }, (_, first) =>
      Array.from({ length: LAUNCHES / LANES }, (_unused, turn) => first + turn * LANES),
    );
    await Promise.all(lanes.flatMap((numbers) => [lane('scdf', numbers), lane('millrace', numbers)]));
  }, 900_000);

  it('give no id twice', async () => {
    expect(launched).toHaveLength(2 * LAUNCHES);
    expect(new Set(launched.map(({ launch }) => `${launch.schemaTarget}:${launch.executionId}`)).size).toBe(
      launched.length,
    );
    const sequences = await shared.query<{ ahead: boolean }>(
      `select (select last_value from task_seq) = (select max(task_execution_id) from task_execution)
          and (select last_value from boot3_task_seq) = (select max(task_execution_id) from boot3_task_execution)
          and (select last_value from task_execution_metadata_seq) = (select max(id) from task_execution_metadata)
          and (select last_value from boot3_task_execution_metadata_seq) = (select max(id) from boot3_task_execution_metadata)
          and (select last_value from hibernate_sequence) >= greatest(
            (select max(id) from audit_records), (select max(id) from task_deployment), (select max(id) from app_registration))
          as ahead`,
    );
    expect(sequences).toEqual([{ ahead: true }]);
    const twice = await shared.query(
      `select id from (select id from audit_records union all select id from task_deployment
                       union all select id from app_registration) as all_ids group by id having count(*) > 1`,
    );
    expect(twice).toEqual([]);
  });

  it('leave one row, one manifest, one deployment and the arguments of each launch', async () => {
    const rows = await shared.query<{ task: string; manifests: string; deployments: string; arguments: string }>(
      `select e.task_name as task,
              (select count(*) from task_execution_metadata m where m.task_execution_id = e.task_execution_id
                  and e.schema_target = 'boot2')
              + (select count(*) from boot3_task_execution_metadata m where m.task_execution_id = e.task_execution_id
                  and e.schema_target = 'boot3') as manifests,
              (select count(*) from task_deployment d where d.task_deployment_id = e.external_execution_id) as deployments,
              (select count(*) from aggregate_task_execution_params p where p.task_execution_id = e.task_execution_id
                  and p.schema_target = e.schema_target and p.task_param like '--timestamp.exit-message=%') as arguments
         from aggregate_task_execution e`,
    );
    expect(rows).toHaveLength(2 * LAUNCHES);
    expect(rows.filter((row) => `${row.manifests}${row.deployments}${row.arguments}` !== '111')).toEqual([]);
    expect(new Set(rows.map(({ task }) => task))).toEqual(new Set(['tick', 'tick3']));
  });

  it('show the same list, and Millrace counts exactly', async () => {
    const key = ({ executionId, schemaTarget, endTime, exitMessage }: TaskExecution) =>
      `${schemaTarget}:${executionId} ${endTime} ${exitMessage}`;
    const [theirs, ours] = await Promise.all(
      [scdf, millrace].map((client) => client.list<TaskExecution>('/tasks/executions?size=100')),
    );
    expect(ours?.map(key).sort()).toEqual(theirs?.map(key).sort());
    await expectExactTotals(shared, millrace);
  }, 60_000);

  it('remove executions of each other', async () => {
    for (const [own, other, by] of [[scdf, millrace, 'millrace'] as const, [millrace, scdf, 'scdf'] as const]) {
      const ids = launched
        .filter((one) => one.by === by && one.launch.schemaTarget === 'boot2')
        .map(({ launch }) => launch.executionId);
      await expectGone(own, ids.slice(0, 3));
      const left = await other.list<TaskExecution>('/tasks/executions?size=100');
      expect(left.filter((one) => one.schemaTarget === 'boot2' && ids.slice(0, 3).includes(one.executionId))).toEqual(
        [],
      );
    }
    await expectExactTotals(shared, millrace);
  }, 60_000);
});

async function expectGone(client: ServerClient, ids: readonly number[]): Promise<void> {
  const target = `/tasks/executions/${ids.join(',')}?action=REMOVE_DATA&schemaTarget=boot2`;
  await expectStatus(client, 'DELETE', target, 200);
}

/** Without the links, which name the server's own address. */
function withoutLinks(execution: TaskExecution): Record<string, unknown> {
  return Object.fromEntries(Object.entries(execution).filter(([name]) => name !== '_links'));
}
