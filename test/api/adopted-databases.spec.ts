import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { restoreScdfDatabase, type TestDatabase } from '../support/database.js';
import { ServerClient, type TaskExecution } from '../support/server-client.js';

interface Definition {
  readonly name: string;
  readonly dslText: string;
  readonly description: string;
  readonly composed: boolean;
  readonly composedTaskElement: boolean;
  readonly status: string;
}

interface Job {
  readonly executionId: number;
  readonly name: string;
  readonly schemaTarget: string;
  readonly status: string;
  readonly taskExecutionId: number;
}

interface App {
  readonly name: string;
  readonly version: string;
  readonly uri: string;
  readonly defaultVersion: boolean;
  readonly bootVersion: string;
}

/** What real servers left, shown by ours. The compat suite compares field by field with a server that runs. */
const databases = [
  {
    version: '2.11.5' as const,
    apps: [
      'container 3.0.0* 3 docker:springcloudtask/timestamp-task:3.0.0',
      'hello 1.0.0* 2 file:///apps/timestamp-boot2/target/timestamp-task-1.0.0.jar',
      'hello 1.1.0 2 file:///apps/timestamp-boot2/target/timestamp-task-1.1.0.jar',
      'hello3 1.0.0* 3 file:///apps/timestamp-boot3/target/timestamp-task3-1.0.0.jar',
      'library 2.0.2* 2 maven://io.spring:timestamp-task:2.0.2',
      'nightly 1.0.0* 2 file:///apps/timestamp-batch-boot2/target/timestamp-batch-task-1.0.0.jar',
      'nightly3 1.0.0* 3 file:///apps/timestamp-batch-boot3/target/timestamp-batch-task3-1.0.0.jar',
    ],
    definitions: [
      'boxed | container | UNKNOWN',
      'chain | one: hello && two: hello3 | a composed task | COMPLETE | composed',
      'chain-one | one: hello | COMPLETE | child',
      'chain-two | two: hello3 | COMPLETE | child',
      'ledger | nightly | two jobs | COMPLETE',
      'ledger3 | nightly3 | COMPLETE',
      'morning | hello --format=HH:mm | says the time | ERROR',
      'morning3 | hello3 --timestamp.format=HH:mm | COMPLETE',
    ],
    executions: [
      'boot2 1 morning COMPLETE 0',
      'boot2 2 morning COMPLETE 0',
      'boot2 3 morning ERROR 1',
      'boot2 4 ledger COMPLETE 0',
      'boot2 5 ledger COMPLETE 0',
      'boot2 6 chain COMPLETE 0',
      'boot2 7 chain-one COMPLETE 0',
      'boot3 1 morning3 COMPLETE 0',
      'boot3 2 ledger3 COMPLETE 0',
      'boot3 3 ledger3 COMPLETE 0',
      'boot3 4 chain-two COMPLETE 0',
    ],
    jobs: [
      'boot2 1 job1 COMPLETED of 4',
      'boot2 2 job2 COMPLETED of 4',
      'boot2 3 job1 FAILED of 5',
      'boot2 4 job2 COMPLETED of 5',
      'boot2 5 chain COMPLETED of 6',
      'boot3 1 job1 COMPLETED of 2',
      'boot3 2 job1 FAILED of 3',
    ],
    audit: 26,
  },
  {
    version: '2.5.1' as const,
    apps: [
      'image 2.0.0* 2 docker:example.org/tasks/image:2.0.0',
      'items 1.0.0* 2 file:///apps/timestamp-batch-task-1.0.0.jar',
      'stamp 1.0.0* 2 file:///apps/timestamp-task-1.0.0.jar',
    ],
    definitions: [
      'chain | one: stamp && two: items | UNKNOWN | composed',
      'chain-one | stamp | UNKNOWN | child',
      'chain-two | items | UNKNOWN | child',
      'ledger | items | COMPLETE',
      "morning | stamp --format='yyyy MM' | every morning | COMPLETE",
    ],
    executions: ['boot2 1 morning COMPLETE 0', 'boot2 2 ledger COMPLETE 0'],
    jobs: ['boot2 1 job1 COMPLETED of 2', 'boot2 2 job2 COMPLETED of 2'],
    audit: 8,
  },
];

describe.each(databases)('a database that a real SCDF $version filled', ({ version, ...expected }) => {
  let database: TestDatabase;
  let server: ApiServer;
  let client: ServerClient;

  beforeAll(async () => {
    database = await restoreScdfDatabase(version);
    server = await startApiServer({ database });
    client = new ServerClient(server.url);
  }, 120_000);

  afterAll(async () => {
    await server?.close();
    await database?.close();
  });

  it('shows its apps', async () => {
    const apps = await client.list<App>('/apps?size=100&sort=name,asc');
    expect(
      apps.map((app) => `${app.name} ${app.version}${app.defaultVersion ? '*' : ''} ${app.bootVersion} ${app.uri}`),
    ).toEqual(expected.apps);
  });

  it('shows its definitions', async () => {
    const list = await client.list<Definition>('/tasks/definitions?size=100&sort=taskName,asc');
    expect(
      list.map((one) =>
        [
          one.name,
          one.dslText,
          one.description,
          one.status,
          one.composed && 'composed',
          one.composedTaskElement && 'child',
        ]
          .filter(Boolean)
          .join(' | '),
      ),
    ).toEqual(expected.definitions);
  });

  it('shows its executions', async () => {
    const list = await client.list<TaskExecution>('/tasks/executions?size=100&sort=TASK_EXECUTION_ID,asc');
    expect(
      list
        .map(
          (one) => `${one.schemaTarget} ${one.executionId} ${one.taskName} ${one.taskExecutionStatus} ${one.exitCode}`,
        )
        .sort(),
    ).toEqual(expected.executions);
  });

  it('shows its jobs', async () => {
    const list = await client.list<Job>('/jobs/thinexecutions?size=100');
    expect(
      list
        .map((job) => `${job.schemaTarget} ${job.executionId} ${job.name} ${job.status} of ${job.taskExecutionId}`)
        .sort(),
    ).toEqual(expected.jobs);
  });

  it('has brought it to the step of SCDF 2.11.5', async () => {
    const sql = await database.client();
    const { rows } = await sql.query<{ version: string }>(
      'select version from flyway_schema_history_dataflow order by installed_rank',
    );
    expect(rows.map((row) => Number(row.version))).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  });

  it('shows its audit records and manifests', async () => {
    const page = (await client.get('/audit-records?size=100')) as { page: { totalElements: number } };
    expect(page.page.totalElements).toBe(expected.audit);
    const [row] = await client.list<Definition & { lastTaskExecution: { resourceUrl: string } }>(
      '/tasks/definitions?search=morning&manifest=true',
    );
    expect(row?.lastTaskExecution.resourceUrl).toMatch(/file:\/apps\/.*timestamp-task-\d\.\d\.\d\.jar/);
  });

  it("is SCDF's alone again when Millrace is removed as the documentation says", async () => {
    await server.close();
    const page = await readFile(fileURLToPath(new URL('../../docs/migrating.md', import.meta.url)), 'utf8');
    const removal = /```sql\n([^]*?)```/.exec(page)?.[1] ?? '';
    const sql = await database.client();
    await sql.query(removal);
    const { rows } = await sql.query(
      `select relname from pg_class where relname like 'millrace%' and relkind <> 'i'
       union all select proname from pg_proc where proname like 'millrace%'
       union all select tgname from pg_trigger where tgname like 'millrace%'`,
    );
    expect(rows).toEqual([]);
    const { rows: kept } = await sql.query('select count(*)::int as n from aggregate_task_execution');
    expect(kept).toEqual([{ n: expected.executions.length }]);
  });
});
