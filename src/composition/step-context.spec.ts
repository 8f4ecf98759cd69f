import { describe, expect, it } from '@jest/globals';
import { readStepContext, type StepContext, storedContext } from './step-context.js';

const CONTEXT: StepContext = {
  child: { schemaTarget: 'boot3', id: 4 },
  taskName: 'chain-two',
  arguments: ['--spring.cloud.task.parent-execution-id=6', '--spring.cloud.task.parent-schema-target=boot2'],
  ignoreExitMessage: false,
  exitCode: null,
};

/** Recorded from SCDF 2.11.5. */
const RECORDED =
  '{"@class":"java.util.HashMap","schema-target":"boot3","task-arguments":["java.util.ArrayList",["--spring.cloud.task.parent-execution-id=6","--spring.cloud.task.parent-schema-target=boot2"]],"task-execution-id":["java.lang.Long",4],"batch.taskletType":"org.springframework.cloud.dataflow.composedtaskrunner.TaskLauncherTasklet","task-name":"chain-two","batch.stepType":"org.springframework.batch.core.step.tasklet.TaskletStep"}';

describe('the context of a step', () => {
  it('is written as the runner of SCDF writes it', () => {
    expect(storedContext(CONTEXT)).toEqual({ short: RECORDED, serialized: null });
  });

  it.each<[string, Partial<StepContext>]>([
    ['as recorded', {}],
    ['without a child', { child: null }],
    ['with a message that does not count', { ignoreExitMessage: true }],
    ['with an exit code', { exitCode: 3 }],
    ['in its second attempt', { note: { attempts: 2, launchedAt: '2026-01-02T03:04:05.678Z' } }],
    ['before its third attempt', { note: { attempts: 2, notBefore: '2026-01-02T03:04:05.678Z' } }],
    ['with a child that took too long', { note: { attempts: 1, timedOut: 'run' } }],
    ['longer than its column', { arguments: ['x'.repeat(2400), '"ü😀\\'] }],
  ])('is read as it was written: %s', (_, change) => {
    const context = { ...CONTEXT, ...change };
    const { short, serialized } = storedContext(context);
    expect(readStepContext(serialized ?? short)).toEqual(context);
    expect(short.length).toBeLessThanOrEqual(2500);
  });

  it.each([
    null,
    '',
    'rO0ABXNyABFqYXZh',
    '[]',
    '{"task-execution-id":"4"}',
    '{"task-execution-id":["java.lang.Long",1.5]}',
  ])('is none: %s', (text) => {
    expect(readStepContext(text)).toBeNull();
  });
});
