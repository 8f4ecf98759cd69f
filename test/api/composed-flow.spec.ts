import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ComposedBench } from '../support/composed-bench.js';

describe('a composed task', () => {
  let bench: ComposedBench;

  beforeAll(async () => {
    bench = await ComposedBench.open();
  }, 120_000);

  afterAll(() => bench?.close());

  const outcome = async (name: string, definition: string, codes: Readonly<Record<string, number>> = {}) => {
    for (const [child, code] of Object.entries(codes)) await bench.setCode(`${name}-${child}`, code);
    const execution = await bench.run(name, definition);
    const { status } = await bench.job(execution);
    return { status, names: await bench.names(name), execution };
  };

  it('runs a sequence in its order, and leaves the rows that the runner of SCDF leaves', async () => {
    const { execution, status, names } = await outcome('seq', 'a: ok && b: ok && c: ok');
    expect({ status, names }).toEqual({ status: 'COMPLETED', names: ['a', 'b', 'c'] });
    expect(execution).toMatchObject({
      exitCode: 0,
      exitMessage: null,
      errorMessage: null,
      taskExecutionStatus: 'COMPLETE',
      schemaTarget: 'boot2',
      arguments: [
        `--spring.cloud.task.executionid=${execution.executionId}`,
        '--spring.cloud.data.flow.taskappname=composed-task-runner',
      ],
    });
    const [jobId] = execution.jobExecutionIds;
    const completed = { status: 'COMPLETED', exit_code: 'COMPLETED' };
    expect(await bench.steps(jobId)).toEqual([
      { step_name: 'seq-a_0', ...completed },
      { step_name: 'seq-b_0', ...completed },
      { step_name: 'seq-c_0', ...completed },
    ]);
    const [first] = await bench.ran('seq');
    const [context] = await bench.rows<{ short_context: string; serialized_context: string | null }>(
      `select short_context, serialized_context from batch_step_execution_context
       where step_execution_id = (select min(step_execution_id) from batch_step_execution where job_execution_id = $1)`,
      [jobId],
    );
    expect(context?.short_context).toBe(
      '{"@class":"java.util.HashMap","schema-target":"boot2","task-arguments":["java.util.ArrayList",' +
        `["--spring.cloud.task.parent-execution-id=${execution.executionId}","--spring.cloud.task.parent-schema-target=boot2"]],` +
        `"task-execution-id":["java.lang.Long",${first?.executionId}],` +
        '"batch.taskletType":"org.springframework.cloud.dataflow.composedtaskrunner.TaskLauncherTasklet",' +
        '"task-name":"seq-a","batch.stepType":"org.springframework.batch.core.step.tasklet.TaskletStep"}',
    );
    expect(context?.serialized_context).toBeNull();
    const children = await bench.rows(
      `select execution.task_name, execution.parent_execution_id, launch.parent_schema_target
       from task_execution as execution join millrace_launch as launch using (task_execution_id)
       where execution.parent_execution_id = $1 order by task_execution_id`,
      [execution.executionId],
    );
    expect(children).toEqual(
      ['seq-a', 'seq-b', 'seq-c'].map((task_name) => ({
        task_name,
        parent_execution_id: execution.executionId,
        parent_schema_target: 'boot2',
      })),
    );
  });

  it('ends at the first child that fails', async () => {
    const { execution, status, names } = await outcome('stopper', 'a: ok && b: fail && c: ok');
    expect({ status, names }).toEqual({ status: 'FAILED', names: ['a', 'b'] });
    // As SCDF's runner does: the job has failed, the runner itself has not.
    expect(execution).toMatchObject({ exitCode: 0, taskExecutionStatus: 'ERROR' });
    expect(await bench.steps(execution.jobExecutionIds[0])).toEqual([
      { step_name: 'stopper-a_0', status: 'COMPLETED', exit_code: 'COMPLETED' },
      { step_name: 'stopper-b_0', status: 'FAILED', exit_code: 'FAILED' },
    ]);
  });

  it('runs the branches of a split side by side, and what follows after all of them', async () => {
    await bench.define('wide', '<a: wait || b: wait || c: ok> && d: ok');
    const launched = await bench.launch('wide');
    await Promise.all(['wide-a', 'wide-b', 'wide-c'].map((task) => bench.started(task)));
    await bench.openGate('wide-b');
    await bench.openGate('wide-a');
    const execution = await bench.bench.client.ended(launched);
    expect(execution.taskExecutionStatus).toBe('COMPLETE');
    expect((await bench.names('wide')).at(-1)).toBe('d');
    expect([...(await bench.names('wide'))].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets the other branches of a split end when one has failed, and goes no further', async () => {
    await bench.define('half', '<a: fail || b: wait && c: ok> && d: ok');
    const launched = await bench.launch('half');
    await bench.started('half-b');
    await bench.openGate('half-b');
    const execution = await bench.bench.client.ended(launched);
    expect((await bench.job(execution)).status).toBe('FAILED');
    expect([...(await bench.names('half'))].sort()).toEqual(['a', 'b', 'c']);
  });

  it('runs splits within splits', async () => {
    const { status, names } = await outcome(
      'nest',
      '<<a: ok || b: ok> && c: ok || d: ok && <e: ok || f: ok>> && g: ok',
    );
    expect(status).toBe('COMPLETED');
    expect([...names].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(names.at(-1)).toBe('g');
    expect(names.indexOf('c')).toBeGreaterThan(Math.max(names.indexOf('a'), names.indexOf('b')));
    expect(Math.min(names.indexOf('e'), names.indexOf('f'))).toBeGreaterThan(names.indexOf('d'));
  });

  it.each([
    ['t-failed', "a: fail 'FAILED'->b: ok '*'->c: ok", {}, 'COMPLETED', ['a', 'b']],
    ['t-other', "a: ok 'FAILED'->b: ok '*'->c: ok", {}, 'COMPLETED', ['a', 'c']],
    ['t-wild', "a: fail 'F*'->b: ok", {}, 'COMPLETED', ['a', 'b']],
    ['t-code', 'a: code 3->b: ok 4->c: ok && d: ok', { a: 4 }, 'COMPLETED', ['a', 'c']],
    ['t-code-next', 'a: code 3->b: ok && d: ok', { a: 0 }, 'COMPLETED', ['a', 'd']],
    ['t-target-fails', "a: fail 'FAILED'->b: fail && c: ok", {}, 'FAILED', ['a', 'b']],
    ['t-split', "<a: fail 'FAILED'->b: ok || c: ok> && d: ok", {}, 'COMPLETED', ['a', 'b', 'c', 'd']],
    ['t-end', "a: fail 'FAILED'->$END && b: ok", {}, 'COMPLETED', ['a']],
    ['t-fail', "a: ok 'COMPLETED'->$FAIL && b: ok", {}, 'FAILED', ['a']],
    ['t-label', "a: fail 'FAILED'->:c && b: ok && c: ok", {}, 'COMPLETED', ['a', 'c']],
  ] as const)('%s: follows its transitions', async (name, definition, codes, expected, steps) => {
    const { status, names } = await outcome(name, definition, codes);
    expect({ status, names: name === 't-split' ? [...names].sort() : names }).toEqual({
      status: expected,
      names: steps,
    });
  });

  it('marks a failure that a transition has handled', async () => {
    const execution = await bench.run('handled', "a: fail 'FAILED'->b: ok");
    expect(await bench.steps(execution.jobExecutionIds[0])).toEqual([
      { step_name: 'handled-a_0', status: 'ABANDONED', exit_code: 'FAILED' },
      { step_name: 'handled-b_0', status: 'COMPLETED', exit_code: 'COMPLETED' },
    ]);
  });

  it('launches children of either generation', async () => {
    const { execution, status, names } = await outcome('mixed', 'a: three && b: ok');
    expect({ status, names }).toEqual({ status: 'COMPLETED', names: ['a', 'b'] });
    const rows = await bench.rows(
      'select task_name, exit_code from boot3_task_execution where parent_execution_id = $1',
      [execution.executionId],
    );
    expect(rows).toEqual([{ task_name: 'mixed-a', exit_code: 0 }]);
  });

  it('hands arguments and properties on to the children that they name', async () => {
    await bench.bench.client.register(
      'colours',
      '1.0.0',
      await bench.bench.script('colours.sh', 'echo "$APP_COLOUR"', 'for word in "$@"; do echo "<$word>"; done'),
    );
    await bench.define('paint', 'a: colours && b: colours');
    const execution = await bench.bench.run('paint', {
      properties: 'app.paint.a.app.colour=red,app.b.app.colour=blue',
      arguments: 'app.a.0=--x=1 app.*.1=--y=2',
    });
    expect(execution.taskExecutionStatus).toBe('COMPLETE');
    const children = await bench.bench.list<typeof execution>('/tasks/executions?name=paint-a');
    const others = await bench.bench.list<typeof execution>('/tasks/executions?name=paint-b');
    const [a] = children.elements;
    const [b] = others.elements;
    if (a === undefined || b === undefined) throw new Error('no children');
    expect(await bench.bench.client.log(a)).toContain('red\n<--x=1>\n<--y=2>\n');
    expect(await bench.bench.client.log(b)).toContain('blue\n<--y=2>\n');
  });

  it('lets only so many children run at once', async () => {
    await bench.define('capped', '<a: wait || b: wait || c: wait>');
    const launched = await bench.launch('capped', {
      properties: 'deployer.composed-task-runner.millrace.max-at-once=2',
    });
    await bench.started('capped-a');
    await bench.started('capped-b');
    expect([...(await bench.names('capped'))].sort()).toEqual(['a', 'b']);
    await bench.openGate('capped-b');
    await bench.started('capped-c');
    await bench.openGate('capped-a');
    await bench.openGate('capped-c');
    expect((await bench.bench.client.ended(launched)).taskExecutionStatus).toBe('COMPLETE');
  });

  it('fails the step of a child that cannot be launched', async () => {
    await bench.define('gone', 'a: ok && b: ok');
    await bench.bench.client.register('ghost', '1.0.0', await bench.bench.script('ghost.sh', 'exit 0'));
    await bench.define('haunted', "a: wait 'FAILED'->b: ok && c: ghost 'FAILED'->d: ok");
    const launched = await bench.launch('haunted');
    await bench.started('haunted-a');
    expect((await bench.bench.delete('/apps/task/ghost/1.0.0')).status).toBe(200);
    await bench.openGate('haunted-a');
    const execution = await bench.bench.client.ended(launched);
    expect((await bench.job(execution)).status).toBe('COMPLETED');
    expect(await bench.steps(execution.jobExecutionIds[0])).toEqual([
      { step_name: 'haunted-a_0', status: 'COMPLETED', exit_code: 'COMPLETED' },
      { step_name: 'haunted-c_0', status: 'ABANDONED', exit_code: 'FAILED' },
      { step_name: 'haunted-d_0', status: 'COMPLETED', exit_code: 'COMPLETED' },
    ]);
  });

  it('tells its story as its log', async () => {
    const execution = await bench.run('told', "a: fail 'FAILED'->b: ok");
    const log = await bench.bench.client.log(execution);
    const ids = (await bench.ran('told')).map(({ executionId }) => executionId);
    expect(log.replaceAll(/^\S+ {2}/gm, '').split('\n')).toEqual([
      `Run ${execution.executionId} of 'told' began as job execution ${execution.jobExecutionIds[0]}: told-a 'FAILED'->told-b`,
      `told-a was launched as execution ${ids[0]}`,
      `told-a: execution ${ids[0]} started`,
      expect.stringMatching(new RegExp(`^told-a: execution ${ids[0]} ended with exit code 1\\. `)),
      expect.stringMatching(/^Step told-a_0 ended: FAILED\. Task returned a non zero exit code\./),
      'A transition leads from told-a_0 to told-b_0',
      `told-b was launched as execution ${ids[1]}`,
      `told-b: execution ${ids[1]} started`,
      `told-b: execution ${ids[1]} ended with exit code 0`,
      'Step told-b_0 ended: COMPLETED',
      'The run ended: COMPLETED',
      '',
    ]);
  });
});
