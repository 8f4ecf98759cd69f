import { describe, expect, it } from '@jest/globals';
import { ComposedRuns, isInOrderOf } from './composed-runs.js';
import type { Exchange } from './exchanges.js';
import { Identities } from './identities.js';

const execution = (executionId: number, taskName: string, parent: number | null = null) => ({
  executionId,
  taskName,
  schemaTarget: 'boot2',
  externalExecutionId: null,
  parentExecutionId: parent,
  arguments:
    parent === null
      ? ['--spring.cloud.data.flow.taskappname=composed-task-runner']
      : [`--spring.cloud.task.parent-execution-id=${parent}`],
});
const recorded: Exchange = {
  number: 1,
  shows: '',
  request: { method: 'GET', path: '/tasks/executions', query: null, headers: {}, body: null },
  response: {
    status: 200,
    contentType: 'application/json',
    body: { list: [execution(4, 'c-b', 1), execution(3, 'c-a', 2), execution(1, 'c'), execution(2, 'c')] },
  },
};

describe('the executions of composed tasks in lists', () => {
  const runs = new ComposedRuns([recorded]);
  const identities = new Identities([]);
  identities.sameId('task:boot2', 1, 1);
  identities.sameId('task:boot2', 2, 3);
  identities.sameId('task:boot2', 3, 4);
  identities.sameId('task:boot2', 4, 2);
  const plain = { executionId: 9, taskName: 'plain', schemaTarget: 'boot2' };

  it('are paired by what they are', () => {
    const [four, three] = [execution(4, 'c-b', 1), execution(3, 'c-a', 2)];
    const [two, other] = [execution(2, 'c-b', 1), execution(4, 'c-a', 3)];
    expect(runs.pair([plain, four, three], [other, plain, two], 'taskExecutionResourceList', identities)).toEqual([
      [plain, plain],
      [four, two],
      [three, other],
    ]);
  });

  it('stay alone without a counterpart, and so does what is of another name', () => {
    const four = execution(4, 'c-b', 1);
    const actual = [{ ...plain, taskName: 'other' }, execution(4, 'c-a', 3)];
    expect(runs.pair([plain, four], actual, 'taskExecutionThinResourceList', identities)).toEqual([[plain], [four]]);
  });

  it('tell jobs by their runs', () => {
    const job = (executionId: number, taskExecutionId: number) => ({ executionId, taskExecutionId, name: 'c' });
    const [one, two] = [job(7, 1), job(6, 2)];
    expect(runs.pair([one, two], [job(7, 3), job(6, 1)], 'jobExecutionResourceList', identities)).toEqual([
      [one, job(6, 1)],
      [two, job(7, 3)],
    ]);
  });

  it('leave other lists alone', () => {
    expect(runs.pair([plain], [plain], 'taskExecutionResourceList', identities)).toBeUndefined();
    expect(runs.pair([execution(1, 'c')], [], 'taskDefinitionResourceList', identities)).toBeUndefined();
  });
});

it.each([
  ['ids that descend', [{ executionId: 12 }, { executionId: 9 }], [{ executionId: 10 }, { executionId: 2 }], true],
  ['ids that ascend', [{ executionId: 12 }, { executionId: 9 }], [{ executionId: 2 }, { executionId: 10 }], false],
  ['ids in no order', [{ executionId: 9 }, { executionId: 12 }], [{ executionId: 2 }, { executionId: 10 }], true],
  [
    'what never started first',
    [{ startTime: null }, { startTime: 'b' }],
    [{ startTime: 'a' }, { startTime: 'b' }],
    false,
  ],
])('the order of a list: %s', (_, one, other, inOrder) => {
  expect(isInOrderOf(one, other)).toBe(inOrder);
});
