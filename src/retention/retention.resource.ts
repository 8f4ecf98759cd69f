import { z } from 'zod';
import type { RetentionRules } from '../configuration/configuration.js';
import { RemovalSchema, removalResource, taskCounts, TaskCountsSchema } from '../executions/removal-run.resource.js';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema } from '../representation/resource.js';
import type { RetentionState } from './retention.service.js';

const seconds = (description: string) => z.number().nullable().describe(`${description}, seconds; null: no limit`);

const RulesSchema = z
  .object({
    removes: z.boolean().describe('false: executions stay for ever'),
    maxAge: seconds('How long after its end an execution stays'),
    maxPerTask: z.number().int().nullable().describe('How many ended executions of a task stay; null: no limit'),
    statuses: z.array(z.enum(['COMPLETE', 'ERROR'])).describe('Which ended executions are removed at all'),
    failedMaxAge: seconds('The same for failed ones in place of both limits'),
    keepLast: z.boolean(),
    keepLastFailed: z.boolean(),
  })
  .meta({ id: 'RetentionRules' });

/** The retention on the wire; not in SCDF. */
export const RetentionSchema = z
  .object({
    enabled: z.boolean().describe('Whether the server removes executions by itself'),
    interval: z.number().describe('Between two runs, seconds'),
    dryRun: z.boolean().describe('Whether runs only say what they would remove'),
    cleanUp: z.boolean().describe('Whether what is left on platforms is removed too'),
    rules: RulesSchema,
    tasks: z.record(z.string(), RulesSchema).describe('By name, tasks with rules of their own'),
    runUnderWay: RemovalSchema.nullable(),
    lastRun: RemovalSchema.nullable().describe('The last one that is over'),
    due: z.object({
      executions: z.number().int().describe('What a run would remove now, children included'),
      jobExecutions: z.number().int(),
      byTask: TaskCountsSchema,
      complete: z.boolean().describe('false: there are more than these; a dry run counts all of them'),
    }),
    _links: LinksSchema,
  })
  .meta({ id: 'Retention' });

/** Writes how the retention stands. */
export function retentionResource(state: RetentionState, frame: RequestFrame): z.infer<typeof RetentionSchema> {
  const { policy, lastRun, runUnderWay, due, dueIsComplete } = state;
  return {
    enabled: policy.enabled,
    interval: policy.interval / 1000,
    dryRun: policy.dryRun,
    cleanUp: policy.cleanUp,
    rules: rulesResource(policy.rules),
    tasks: Object.fromEntries(Object.entries(policy.tasks).map(([name, rules]) => [name, rulesResource(rules)])),
    runUnderWay: runUnderWay === undefined ? null : removalResource(runUnderWay, frame),
    lastRun: lastRun === undefined ? null : removalResource(lastRun, frame),
    due: {
      executions: due.executions,
      jobExecutions: due.jobExecutions,
      byTask: taskCounts(due.byTask),
      complete: dueIsComplete,
    },
    _links: {
      self: link(`${frame.baseUrl}/millrace/retention`),
      runs: link(`${frame.baseUrl}/millrace/removals?kind=retention`),
    },
  };
}

function rulesResource(rules: RetentionRules): z.infer<typeof RulesSchema> {
  return {
    removes: rules.removes,
    maxAge: secondsOf(rules.maxAge),
    maxPerTask: rules.maxPerTask ?? null,
    statuses: [...rules.statuses],
    failedMaxAge: secondsOf(rules.failedMaxAge),
    keepLast: rules.keepLast,
    keepLastFailed: rules.keepLastFailed,
  };
}

function secondsOf(age: number | undefined): number | null {
  return age === undefined ? null : age / 1000;
}
