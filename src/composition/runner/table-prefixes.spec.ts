import { describe, expect, it } from '@jest/globals';
import { withTablePrefixes } from './table-prefixes.js';

async function sent(text: string, task: string, batch: string): Promise<string> {
  const texts: string[] = [];
  const query = async <Row>(given: string): Promise<Row[]> => {
    texts.push(given);
    return [];
  };
  await withTablePrefixes({ query, queryPrepared: query }, { task, batch }).queryPrepared(text);
  return texts.join();
}

describe('withTablePrefixes', () => {
  it.each([
    ['select 1 from batch_job_execution', 'MY_', 'their_', 'select 1 from their_job_execution'],
    ["nextval('batch_job_seq'), nextval('task_seq')", 'a.T_', 'b.B_', "nextval('b.B_job_seq'), nextval('a.T_seq')"],
    [
      'task_task_batch, task_execution.task_execution_id, task_execution_params.task_param',
      'X_',
      'BATCH_',
      'X_task_batch, X_execution.task_execution_id, X_execution_params.task_param',
    ],
    [
      'batch_step_execution_context, batch_step_execution_seq',
      'T_',
      'q',
      'qstep_execution_context, qstep_execution_seq',
    ],
    [
      "update task_lock set x = to_regclass('task_lock')",
      'a.T_',
      'B_',
      "update a.T_lock set x = to_regclass('a.T_lock')",
    ],
    ['select task_name from task_execution', 'task_', 'Batch_', 'select task_name from task_execution'],
  ])('%s', async (text, task, batch, expected) => {
    expect(await sent(text, task, batch)).toBe(expected);
  });
});
