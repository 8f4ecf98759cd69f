import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { AUDIT_ACTIONS, AUDIT_OPERATIONS } from '../../src/audit/audit-types.js';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { restoreScdfDatabase, type TestDatabase } from '../support/database.js';
import { ServerClient } from '../support/server-client.js';

type Row = Record<string, unknown>;

interface Manifest {
  readonly platformName: string;
  readonly taskDeploymentRequest: {
    readonly resource: string;
    readonly definition: { readonly properties: Record<string, string> };
    readonly deploymentProperties: Record<string, string>;
  };
}

/** The rows as the SCDF of that version wrote them, read before Millrace has seen the database. */
interface Written {
  readonly audit: readonly Row[];
  readonly tasks: readonly Row[];
  readonly jobs: readonly Row[];
  readonly steps: readonly Row[];
  readonly instances: readonly Row[];
}

const GENERATIONS = [
  { schemaTarget: 'boot2', prefix: '' },
  { schemaTarget: 'boot3', prefix: 'boot3_' },
] as const;

async function rowsOf(client: pg.Client, table: string, order: string, more = ''): Promise<Row[]> {
  const { rows: there } = await client.query('select from pg_tables where tablename = $1', [table]);
  if (there.length === 0) return [];
  const sql = `select to_jsonb(t) ${more} as row from ${table} t order by ${order}`;
  return (await client.query<{ row: Row }>(sql)).rows.map(({ row }) => row);
}

async function readWritten(client: pg.Client): Promise<Written> {
  const inBoth = async (table: string, order: string, more: (prefix: string) => string = () => '') =>
    (
      await Promise.all(
        GENERATIONS.map(async ({ schemaTarget, prefix }) =>
          (await rowsOf(client, `${prefix}${table}`, order, more(prefix))).map((row) => ({ ...row, schemaTarget })),
        ),
      )
    ).flat();
  const list = (prefix: string, table: string, what: string, where: string) =>
    `(select coalesce(json_agg(${what} order by ${what}), '[]') from ${prefix}${table} x where x.${where} = t.${where})`;
  return {
    audit: await rowsOf(client, 'audit_records', 'id'),
    tasks: await inBoth(
      'task_execution',
      'task_execution_id',
      (prefix) => `|| jsonb_build_object(
        'params', ${list(prefix, 'task_execution_params', 'task_param', 'task_execution_id')},
        'jobs', ${list(prefix, 'task_task_batch', 'job_execution_id', 'task_execution_id')},
        'manifest', (select task_execution_manifest from ${prefix}task_execution_metadata m
                      where m.task_execution_id = t.task_execution_id))`,
    ),
    jobs: await inBoth(
      'batch_job_execution',
      'job_execution_id',
      (prefix) => `|| jsonb_build_object(
        'job_name', (select job_name from ${prefix}batch_job_instance i where i.job_instance_id = t.job_instance_id),
        'task_execution_id', (select task_execution_id from ${prefix}task_task_batch b where b.job_execution_id = t.job_execution_id),
        'params', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from ${prefix}batch_job_execution_params p
                    where p.job_execution_id = t.job_execution_id))`,
    ),
    steps: await inBoth('batch_step_execution', 'step_execution_id'),
    instances: await inBoth(
      'batch_job_instance',
      'job_instance_id',
      (prefix) =>
        `|| jsonb_build_object('executions', ${list(prefix, 'batch_job_execution', 'job_execution_id', 'job_instance_id')})`,
    ),
  };
}

/** ms since 1970; rows have no zone and are in UTC. */
function instant(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const text = value.replace('+0000', 'Z');
  return Math.floor(Date.parse(/Z$/.test(text) ? text : `${text}Z`));
}

const isSecret = (name: string) => /^spring\.datasource\.(url|username|password)$/.test(name);
const masked = (properties: Record<string, string>) =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, isSecret(name) ? '******' : value]));

describe.each(['2.11.5', '2.5.1'] as const)('what a real SCDF %s wrote, row by row through REST', (version) => {
  let database: TestDatabase;
  let server: ApiServer;
  let client: ServerClient;
  let written: Written;

  beforeAll(async () => {
    database = await restoreScdfDatabase(version);
    written = await readWritten(await database.client());
    server = await startApiServer({ database });
    client = new ServerClient(server.url);
  }, 120_000);

  afterAll(async () => {
    await server?.close();
    await database?.close();
  });

  const get = async (target: string) => (await client.get(target)) as Row;

  it('audit records', async () => {
    const expected = written.audit.map((row) => ({
      auditRecordId: row['id'],
      createdBy: row['created_by'],
      correlationId: row['correlation_id'],
      auditData: row['audit_data'],
      createdOn: instant(row['created_on']),
      auditAction: AUDIT_ACTIONS.find(({ id }) => id === row['audit_action'])?.key,
      auditOperation: AUDIT_OPERATIONS.find(({ id }) => id === row['audit_operation'])?.key,
      platformName: row['platform_name'],
    }));
    expect(expected.length).toBeGreaterThan(7);
    expect(expected.every(({ auditAction, auditOperation }) => auditAction && auditOperation)).toBe(true);
    const shown = (record: Row) => {
      const { _links: _unused, ...fields } = record;
      return { ...fields, createdOn: instant(fields['createdOn']) };
    };
    const list = await client.list<Row>('/audit-records?size=1000&sort=id,asc');
    expect(list.map(shown)).toEqual(expected);
    for (const record of expected) {
      expect(shown(await get(`/audit-records/${String(record.auditRecordId)}`))).toEqual(record);
    }
  });

  it('task executions with arguments, jobs and manifests', async () => {
    expect(written.tasks.length).toBeGreaterThan(1);
    const list = await client.list<Row>('/tasks/executions?size=1000');
    expect(list).toHaveLength(written.tasks.length);
    for (const row of written.tasks) {
      const { schemaTarget } = row;
      const id = row['task_execution_id'];
      const manifest = JSON.parse(String(row['manifest'])) as Manifest;
      const request = manifest.taskDeploymentRequest;
      const shown = await get(`/tasks/executions/${String(id)}?schemaTarget=${String(schemaTarget)}`);
      expect({
        ...shown,
        startTime: instant(shown['startTime']),
        endTime: instant(shown['endTime']),
        arguments: [...(shown['arguments'] as string[])].sort(),
        jobExecutionIds: [...(shown['jobExecutionIds'] as number[])].sort((one, other) => one - other),
      }).toMatchObject({
        ...{ executionId: id, schemaTarget, taskName: row['task_name'] },
        ...{ exitCode: row['exit_code'], exitMessage: row['exit_message'], errorMessage: row['error_message'] },
        ...{ startTime: instant(row['start_time']), endTime: instant(row['end_time']) },
        ...{ externalExecutionId: row['external_execution_id'], parentExecutionId: row['parent_execution_id'] },
        arguments: [...(row['params'] as string[])].sort(),
        jobExecutionIds: row['jobs'],
        platformName: manifest.platformName,
        resourceUrl: expect.stringContaining(request.resource.replace(/^\w+:(\/\/)?/, '')),
      });
      expect(shown['deploymentProperties']).toEqual(masked(request.deploymentProperties));
      expect(shown['appProperties']).toEqual(masked(request.definition.properties));
      expect(JSON.stringify(shown)).not.toContain('"spring.datasource.password":"dataflow"');
      const { _links: links, ...inList } =
        list.find((one) => one['executionId'] === id && one['schemaTarget'] === schemaTarget) ?? {};
      expect(links).toBeDefined();
      expect(shown).toMatchObject(inList);
    }
  });

  it('job executions with parameters, and their instances', async () => {
    expect(written.jobs.length).toBeGreaterThan(1);
    expect(await client.list<Row>('/jobs/executions?size=1000')).toHaveLength(written.jobs.length);
    for (const row of written.jobs) {
      const { schemaTarget } = row;
      const target = `/jobs/executions/${String(row['job_execution_id'])}?schemaTarget=${String(schemaTarget)}`;
      const shown = (await get(target)) as { jobExecution: Row & { jobParameters: { parameters: Row } } } & Row;
      expect(shown).toMatchObject({
        ...{ executionId: row['job_execution_id'], jobId: row['job_instance_id'], name: row['job_name'], schemaTarget },
        taskExecutionId: row['task_execution_id'],
        stepExecutionCount: written.steps.filter(
          (step) => step['job_execution_id'] === row['job_execution_id'] && step['schemaTarget'] === schemaTarget,
        ).length,
      });
      const { jobExecution } = shown;
      expect({
        ...jobExecution,
        ...Object.fromEntries(
          ['createTime', 'startTime', 'endTime', 'lastUpdated'].map((name) => [name, instant(jobExecution[name])]),
        ),
      }).toMatchObject({
        ...{ id: row['job_execution_id'], version: row['version'], status: row['status'] },
        ...{ createTime: instant(row['create_time']), startTime: instant(row['start_time']) },
        ...{ endTime: instant(row['end_time']), lastUpdated: instant(row['last_updated']) },
        exitStatus: { exitCode: row['exit_code'], exitDescription: row['exit_message'] ?? '' },
      });
      const parameters = (row['params'] as Row[]).map((one) => one['key_name'] ?? one['parameter_name']).sort();
      expect(Object.keys(jobExecution.jobParameters.parameters).sort()).toEqual(parameters);
      for (const one of row['params'] as Row[]) {
        const name = String(one['key_name'] ?? one['parameter_name']);
        const value =
          'parameter_value' in one
            ? one['parameter_value']
            : { STRING: one['string_val'], LONG: one['long_val'], DOUBLE: one['double_val'] }[String(one['type_cd'])];
        const parameter = jobExecution.jobParameters.parameters[name] as Row;
        expect([name, String(parameter['value']), parameter['identifying']]).toEqual([
          ...[name, String(value), one['identifying'] === 'Y'],
        ]);
      }
    }
    for (const row of written.instances) {
      const target = `/jobs/instances/${String(row['job_instance_id'])}?schemaTarget=${String(row['schemaTarget'])}`;
      const shown = (await get(target)) as { jobName: string; jobExecutions: Row[] };
      expect(shown.jobName).toBe(row['job_name']);
      expect(shown.jobExecutions.map((one) => one['executionId']).sort()).toEqual(row['executions']);
    }
  });

  it('step executions with counts and contexts', async () => {
    expect(written.steps.length).toBeGreaterThan(2);
    for (const row of written.steps) {
      const job = `/jobs/executions/${String(row['job_execution_id'])}`;
      const target = `${job}/steps/${String(row['step_execution_id'])}?schemaTarget=${String(row['schemaTarget'])}`;
      const { stepExecution } = (await get(target)) as { stepExecution: Row };
      expect({
        ...stepExecution,
        ...Object.fromEntries(
          ['startTime', 'endTime', 'lastUpdated'].map((name) => [name, instant(stepExecution[name])]),
        ),
      }).toMatchObject({
        ...{ id: row['step_execution_id'], stepName: row['step_name'], version: row['version'], status: row['status'] },
        ...{ readCount: row['read_count'], writeCount: row['write_count'], commitCount: row['commit_count'] },
        ...{ rollbackCount: row['rollback_count'], filterCount: row['filter_count'] },
        ...{ readSkipCount: row['read_skip_count'], writeSkipCount: row['write_skip_count'] },
        ...{ processSkipCount: row['process_skip_count'], jobExecutionId: row['job_execution_id'] },
        ...{ startTime: instant(row['start_time']), endTime: instant(row['end_time']) },
        lastUpdated: instant(row['last_updated']),
        exitStatus: { exitCode: row['exit_code'], exitDescription: row['exit_message'] ?? '' },
      });
      expect(JSON.stringify(stepExecution['executionContext'])).not.toContain('deserialize.error');
      expect(await get(`${target.replace('?', '/progress?')}`)).toMatchObject({
        percentageComplete: expect.any(Number),
      });
    }
    for (const { schemaTarget } of GENERATIONS) {
      for (const job of written.jobs.filter((row) => row['schemaTarget'] === schemaTarget)) {
        const id = job['job_execution_id'];
        const steps = await client.list<{ stepExecution: Row }>(
          `/jobs/executions/${String(id)}/steps?schemaTarget=${schemaTarget}&size=1000`,
        );
        const expected = written.steps.filter(
          (row) => row['job_execution_id'] === id && row['schemaTarget'] === schemaTarget,
        );
        expect(steps.map(({ stepExecution }) => stepExecution['id'])).toEqual(
          expected.map((row) => row['step_execution_id']),
        );
      }
    }
  });
});
