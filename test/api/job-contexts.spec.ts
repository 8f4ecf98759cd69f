import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobBench } from '../support/job-bench.js';
import { insertJob } from '../support/job-rows.js';

let bench: JobBench;

beforeAll(async () => {
  bench = await JobBench.open();
}, 120_000);

afterAll(() => bench?.close());

describe('contexts and parameters that are not as they should be', () => {
  it.each<[string, string, string]>([
    [
      'a truncated stream',
      'rO0ABXNyABdqYXZhLnV0aWwuTGlua2VkSGFzaE1hcA',
      'context.deserialize.error.java.deserialization',
    ],
    ['broken Base64', 'rO0AB!!!§', 'context.deserialize.error.java.deserialization'],
    ['broken JSON', '{"a":', 'context.deserialize.error.jackson'],
    ['too large a text', 'x'.repeat(10_000_001), 'context.deserialize.error.jackson'],
  ])('%s is shown as what it is', async (_, stored, key) => {
    // Both generations count their executions on their own.
    const id = bench.freshId();
    const steps = `/jobs/executions/${id}/steps`;
    for (const target of ['boot2', 'boot3'] as const) {
      await insertJob(bench.sql, { target, id, steps: ['FAILED'] });
      await bench.sql.query(
        `insert into ${target === 'boot2' ? '' : 'boot3_'}batch_step_execution_context values ($1, '', $2)`,
        [id * 10 + 1, stored],
      );
      const answer = await bench.workbench.get(`${steps}/${id * 10 + 1}?schemaTarget=${target}`);
      expect(answer.status).toBe(200);
      expect(answer.text.length).toBeLessThan(10_000);
      expect(answer.text).toContain(key);
      expect((await bench.workbench.get(`${steps}?schemaTarget=${target}`)).status).toBe(200);
      expect((await bench.workbench.get(`${steps}/${id * 10 + 1}/progress?schemaTarget=${target}`)).status).toBe(200);
    }
  });

  it('have all digits of a long', async () => {
    const id = await bench.insert({ parameters: [['run.id', 'LONG', '9223372036854775807']] });
    const { text } = await bench.workbench.get(`/jobs/executions/${id}`);
    expect(text).toContain('"run.id":{"identifying":true,"value":9223372036854775807,"type":"LONG"}');
    expect(text).toContain('"run.id(long)":"9223372036854775807"');
  });
});
