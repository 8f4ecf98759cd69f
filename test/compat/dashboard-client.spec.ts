import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerClient, TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';
import { type Dashboard, shownTime } from './clients/dashboard.js';
import { DashboardSession, describeWithDashboard, NO_TROUBLES } from './clients/dashboard-session.js';
import { replayTarget } from './target.js';

interface AuditRecord {
  readonly auditRecordId: number;
  readonly createdOn: string;
  readonly auditAction: string;
  readonly auditOperation: string;
  readonly correlationId: string;
  readonly platformName: string | null;
}

const describeHere = await describeWithDashboard();

/**
 * The newest dashboard on Maven Central, 3.2.0: it knows no schema targets, so the applications are of Boot 2. What it does not
 * offer here, nor with SCDF 2.11, is left out: schedules, which platform Local has none of, and the clean-up of all executions
 * on its page of tools, which stands among the tools for streams.
 */
describeHere(`SCDF's dashboard with ${replayTarget().name}`, () => {
  let session: DashboardSession;
  let dashboard: Dashboard;
  let client: ServerClient;

  beforeAll(async () => {
    session = await DashboardSession.open();
    ({ dashboard, client } = session);
  }, 30 * 60_000);

  afterAll(async () => {
    await session?.close();
  }, 120_000);

  async function register(name: string, uri: string): Promise<void> {
    await dashboard.open('apps/add', 'Add application(s)');
    await dashboard.click('Register one or more applications');
    const form = dashboard.page.locator('app-add-register');
    await form.locator('[name=name0]').fill(name);
    await form.locator('[name=type0]').selectOption({ label: 'task' });
    await form.locator('[name=uri0]').fill(uri);
    await dashboard.click('Import application(s)', form);
  }

  it('registers an app, and others from a list of properties', async () => {
    await dashboard.open('apps', 'Applications');
    await dashboard.page.getByText('0 - 0 of 0 applications').waitFor();
    await register('stamp', session.apps.stamp);
    await dashboard.toast('1 App(s) registered.');
    await dashboard.heading('Applications');
    expect(await dashboard.rows((rows) => rows.length > 0)).toEqual([
      ['stamp', 'task', '1.0.0', session.apps.stamp, ''],
    ]);

    await dashboard.open('apps/add', 'Add application(s)');
    await dashboard.click('Import application coordinates from a properties file');
    const form = dashboard.page.locator('app-add-props');
    const other = 'maven://io.spring:timestamp-task:2.0.2';
    await form.locator('textarea').fill(`task.items=${session.apps.items}\ntask.other=${other}`);
    await dashboard.clickFor('Application(s) Imported.', 'Import application(s)', form);
    await dashboard.heading('Applications');
    expect(await dashboard.rows((rows) => rows.length === 3)).toEqual([
      ['items', 'task', '1.0.0', session.apps.items, ''],
      ['other', 'task', '2.0.2', other, ''],
      ['stamp', 'task', '1.0.0', session.apps.stamp, ''],
    ]);
  }, 180_000);

  it('says why a registration is refused', async () => {
    await register('stamp', session.apps.stamp);
    expect(await dashboard.toast(/stamp/)).toContain('already registered');
  }, 180_000);

  it('shows an app with its properties, and unregisters one', async () => {
    await dashboard.open('apps', 'Applications');
    await dashboard.row('stamp').locator('a').click();
    await dashboard.heading('Application stamp');
    expect(await dashboard.card('Information', (card) => 'Uri' in card)).toEqual({
      Type: 'task',
      Version: '1.0.0',
      Uri: session.apps.stamp,
      'Metadata Uri': 'N/A',
      'Version(s)': '1',
    });
    const properties = await dashboard.card('Application properties', (card) => 'timestamp.format' in card);
    expect(Object.keys(properties)).toEqual([
      'timestamp.exit-message',
      'timestamp.fail',
      'timestamp.format',
      'timestamp.sleep',
    ]);
    expect(properties['timestamp.format']).toBe(
      'The timestamp format, "yyyy-MM-dd HH:mm:ss.SSS" by default.java.lang.String (Default value: yyyy-MM-dd HH:mm:ss.SSS)',
    );

    await dashboard.open('apps', 'Applications');
    await dashboard.choose('other', 'Unregister');
    await dashboard.confirm('Unregister the application');
    await dashboard.toast('Successfully removed app "other" of type "task".');
    expect((await dashboard.rows((rows) => rows.length === 2)).map(([name]) => name)).toEqual(['items', 'stamp']);
  }, 180_000);

  it('creates a task once its name is free', async () => {
    await dashboard.typeDefinition('stamp --timestamp.sleep=1 ', 3);
    await dashboard.click('Create task');
    await dashboard.nameTask('t1', 'the year');
    expect(await dashboard.rows((rows) => rows.length === 1)).toEqual([
      ['t1', 'the year', 'stamp --timestamp.sleep=1', 'UNKNOWN'],
    ]);

    await dashboard.typeDefinition('items ', 3);
    await dashboard.click('Create task');
    await dashboard.dialog.locator('[name=name]').fill('t1');
    await dashboard.dialog.getByText('Task name is already taken!').waitFor();
    await dashboard.nameTask('t2');
    await dashboard.open('tasks-jobs/tasks/t2', 'Task t2');
    expect(await dashboard.card('Information', (card) => 'Status' in card)).toMatchObject({
      Definition: 'items',
      Status: 'UNKNOWN',
    });
  }, 180_000);

  async function openExecution(id: number): Promise<void> {
    await dashboard.open(`tasks-jobs/task-executions/${id}`, `Task execution - Execution ID: ${id}`);
  }

  it('launches a task with a property and an argument, and shows how it went', async () => {
    await dashboard.open('tasks-jobs/tasks/t1/launch', 'Launch task t1');
    const builder = dashboard.page.locator('app-task-launch-builder');
    await builder.getByText('4 properties').waitFor();
    // The first one is for the properties of the platform.
    await builder.getByRole('button', { name: 'Edit' }).last().click();
    await dashboard.dialog
      .locator('clr-df-property')
      .filter({ hasText: 'The timestamp format' })
      .locator('input')
      .fill('yyyy');
    await dashboard.confirm('Update');
    await builder.locator('[formarrayname=argumentsControls] input').first().fill('--one=1');
    await dashboard.click('Launch task');
    await dashboard.toast('Successfully launched task definition "t1"');
    const executionId = await dashboard.execution();
    const execution = await client.ended({ executionId, schemaTarget: 'boot2' });

    await openExecution(executionId);
    const card = await dashboard.card('Information', (values) => values['Exit Code'] === '0');
    expect(card).toMatchObject({
      'Execution Id': String(executionId),
      'External Execution Id': execution.externalExecutionId,
      'Job Execution Ids': 'N/A',
      'Start Time': shownTime(execution.startTime),
      'End Time': shownTime(execution.endTime),
    });
    expect(card['Arguments']).toMatch(/^--one: 1 /);
    expect(card['Application Properties']).toMatch(/timestamp\.sleep: 1.* timestamp\.format: yyyy/);
    expect(card['Platform Properties']).toMatch(/^app\.stamp\.timestamp\.format: yyyy/);
    expect(await dashboard.card('Task', (values) => 'Status' in values)).toMatchObject({
      Name: 't1',
      Description: 'the year',
      Status: 'COMPLETE',
    });
    await client.logWith(execution, /TIMESTAMP/);
    await dashboard.click('View log');
    const log = await dashboard.dialog.locator('pre').innerText();
    expect(log).toMatch(/^ARGUMENT: --one=1$/m);
    expect(log).toMatch(/^TIMESTAMP: \d{4}$/m);
    await dashboard.confirm('Close');
  }, 240_000);

  it('stops a running execution, launches it again, and removes its data', async () => {
    const launched = await client.launch('t1', { properties: 'app.stamp.timestamp.sleep=200' });
    await client.reported(launched);
    await openExecution(launched.executionId);
    await dashboard.click('Stop execution');
    await dashboard.confirm('Stop Task Execution(s)');
    await dashboard.toast('Stop task execution(s)');
    const stopped = await client.ended(launched);
    await openExecution(launched.executionId);
    const card = await dashboard.card('Information', (values) => values['Exit Code'] !== undefined);
    expect(card).toMatchObject({ 'End Time': shownTime(stopped.endTime), 'Exit Code': String(stopped.exitCode) });

    await dashboard.click('Relaunch task');
    await dashboard.heading('Launch task t1');
    await dashboard.page.getByText('4 properties').waitFor();
    await dashboard.click('Freetext');
    const given = dashboard.page.locator('app-task-launch-free-text textarea').first();
    await eventually(
      () => given.inputValue(),
      (text) => text.includes('app.stamp.timestamp.sleep=200'),
      60_000,
    );
    await given.fill('app.stamp.timestamp.sleep=0');
    await dashboard.click('Launch task');
    await dashboard.toast('Successfully launched task definition "t1"');
    const executionId = await dashboard.execution();
    expect(executionId).toBeGreaterThan(launched.executionId);
    await client.ended({ executionId, schemaTarget: 'boot2' });

    await openExecution(launched.executionId);
    await dashboard.click('Clean up task execution');
    await dashboard.confirm('Clean up Task Execution');
    await dashboard.toast('1 task execution(s) cleaned up.');
    await dashboard.heading('Task executions');
    const ids = (await dashboard.rows((rows) => rows.length > 0)).map(([id]) => Number(id));
    expect(ids).toContain(executionId);
    expect(ids).not.toContain(launched.executionId);
  }, 360_000);

  it('lists the executions that REST lists', async () => {
    const failed = await client.launch('t1', { properties: 'app.stamp.timestamp.fail=true' });
    await client.ended(failed);
    const executions = await client.list<TaskExecution>('/tasks/executions?sort=TASK_EXECUTION_ID,ASC');
    await dashboard.open('tasks-jobs/task-executions', 'Task executions');
    const rows = await dashboard.rows((found) => found.length === executions.length);
    expect(rows.map(([id, name, , start, end, code]) => [id, name, start, end, code])).toEqual(
      executions.map(({ executionId, taskName, startTime, endTime, exitCode }) => [
        String(executionId),
        taskName,
        shownTime(startTime),
        shownTime(endTime),
        String(exitCode),
      ]),
    );
    expect(rows.at(-1)?.[5]).toBe('1');
    await dashboard.open('tasks-jobs/tasks/t1', 'Task t1');
    expect((await dashboard.table('Latest execution(s)')).map(([id]) => Number(id))).toEqual(
      executions.map(({ executionId }) => executionId).reverse(),
    );
  }, 180_000);

  it('exports the tasks, destroys them with their executions cleaned up, and imports them again', async () => {
    await dashboard.open('manage/tools', 'Tools');
    await dashboard.click('Export task(s): Create a JSON file with the selected tasks');
    // All are selected at first.
    const other = dashboard.dialog.locator('clr-dg-row').filter({ hasText: 't2' });
    const selected = other.locator('input[type=checkbox]');
    await eventually(() => selected.isChecked(), Boolean, 60_000);
    await other.locator('label').click();
    await eventually(
      () => selected.isChecked(),
      (checked) => !checked,
      60_000,
    );
    const [download] = await Promise.all([
      dashboard.page.waitForEvent('download'),
      dashboard.click('Export task(s)', dashboard.dialog),
    ]);
    const file = join(session.data, 'tasks.json');
    await writeFile(file, await readFile(await download.path()));

    const executions = await client.list('/tasks/executions?name=t1');
    await dashboard.open('tasks-jobs/tasks/t1', 'Task t1');
    await dashboard.click('Cleanup');
    await dashboard.confirm('Clean up Execution(s)');
    await dashboard.toast(`${executions.length} execution(s) cleaned up.`);
    expect(await client.list('/tasks/executions?name=t1')).toEqual([]);
    await dashboard.click('Destroy task');
    await dashboard.confirm('Destroy the task');
    await dashboard.toast('1 task definition(s) destroyed.');
    await dashboard.heading('Tasks');
    expect((await dashboard.rows((found) => found.length === 1)).map(([name]) => name)).toEqual(['t2']);

    await dashboard.open('manage/tools', 'Tools');
    await dashboard.click('Import task(s): Import tasks from a JSON file');
    await dashboard.dialog.locator('[name=file]').setInputFiles(file);
    await dashboard.click('Import task(s)', dashboard.dialog);
    await dashboard.dialog.getByText('t1').waitFor();
    await dashboard.open('tasks-jobs/tasks', 'Tasks');
    expect((await dashboard.rows((found) => found.length === 2))[0]).toEqual([
      't1',
      'the year',
      'stamp --timestamp.sleep=1',
      'UNKNOWN',
    ]);
  }, 180_000);

  it('shows who did what, and filters it', async () => {
    await dashboard.open('manage/records', 'Audit Records');
    const recorded = async (query: string) =>
      (await client.list<AuditRecord>(`/audit-records?size=20&sort=id,DESC${query}`)).map((record) => [
        String(record.auditRecordId),
        shownTime(record.createdOn),
        record.auditAction,
        record.auditOperation,
        record.correlationId,
        'N/A',
        record.platformName ?? 'N/A',
      ]);
    expect(await dashboard.rows((rows) => rows.length > 0)).toEqual(await recorded(''));
    const filter = await dashboard.filter('Actions');
    await filter.getByText('Delete', { exact: true }).click();
    const deleted = await dashboard.rows((rows) => rows.length > 0 && rows.every((row) => row[2] === 'DELETE'));
    expect(deleted).toEqual(await recorded('&actions=DELETE'));
    expect(deleted.at(-1)?.slice(2, 5)).toEqual(['DELETE', 'APP_REGISTRATION', 'other']);
  }, 180_000);

  it('met no trouble on its way', () => {
    expect(
      session.troubles(/^404 GET \/tasks\/definitions\/t[12]\?manifest=false$/, /^409 POST \/apps\/task\/stamp\?/),
    ).toEqual(NO_TROUBLES);
  });
});
