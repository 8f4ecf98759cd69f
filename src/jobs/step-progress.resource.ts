import { z } from 'zod';
import { double } from '../representation/hal-adapter.js';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema } from '../representation/resource.js';
import { readExecutionContext } from './execution-context.js';
import type { StepExecution, StoredJobParameter } from './job-history.js';
import { stepExecutionBody, StepExecutionSchema } from './step-execution.resource.js';
import {
  comparedStepName,
  type Cumulated,
  meanOf,
  MEASURES,
  type Measure,
  percentageComplete,
  standardDeviationOf,
  type StepFigures,
} from './step-history.js';

const CumulativeHistorySchema = z
  .object({
    count: z.number().int(),
    min: z.number(),
    max: z.number(),
    mean: z.number(),
    standardDeviation: z.number(),
  })
  .meta({ id: 'CumulativeHistory' });

type CumulativeHistory = z.infer<typeof CumulativeHistorySchema>;

const figures = Object.fromEntries(MEASURES.map(({ name }) => [name, CumulativeHistorySchema])) as Record<
  Measure,
  typeof CumulativeHistorySchema
>;

/** How far a step execution is, and what it is compared with. */
export const StepProgressSchema = z
  .object({
    stepExecution: StepExecutionSchema,
    stepExecutionHistory: z
      .object({ stepName: z.string(), count: z.number().int(), ...figures })
      .meta({ id: 'StepExecutionHistory', description: 'All finished executions of the step; durations in ms' }),
    percentageComplete: z.number().describe('1 for all; more than 1 for a step that outlasts its predecessors'),
    finished: z.boolean(),
    duration: z.number().describe('ms, until now for a running step'),
    _links: LinksSchema,
  })
  .meta({ id: 'StepExecutionProgress' });

/**
 * Writes the progress of a step execution.
 * @param now until when a running step has lasted
 */
export function stepProgressResource(
  step: StepExecution,
  parameters: readonly StoredJobParameter[],
  history: StepFigures,
  now: Date,
  frame: RequestFrame,
): z.infer<typeof StepProgressSchema> {
  const finished = step.endTime !== null;
  const duration =
    step.startTime === null ? 0 : Math.max(0, (step.endTime ?? now).getTime() - step.startTime.getTime());
  const self = `${frame.baseUrl}/jobs/executions/${step.jobExecutionId}/steps/${step.id}`;
  return {
    stepExecution: stepExecutionBody(step, parameters, readExecutionContext(step.context)),
    stepExecutionHistory: {
      stepName: comparedStepName(step.stepName),
      count: history.duration.count,
      ...historyOf(history),
    },
    percentageComplete: double(percentageComplete({ finished, readCount: step.readCount, duration }, history)),
    finished,
    duration: double(duration),
    _links: {
      progress: link(`${self}/progress?schemaTarget=${step.schemaTarget}`),
      // SCDF leaves the schema target out, which means Boot 2.
      self: link(step.schemaTarget === 'boot2' ? self : `${self}?schemaTarget=${step.schemaTarget}`),
    },
  };
}

function historyOf(history: StepFigures): Record<Measure, CumulativeHistory> {
  return Object.fromEntries(MEASURES.map(({ name }) => [name, cumulativeHistory(history[name])])) as Record<
    Measure,
    CumulativeHistory
  >;
}

function cumulativeHistory(cumulated: Cumulated): CumulativeHistory {
  return {
    count: cumulated.count,
    min: double(cumulated.min),
    max: double(cumulated.max),
    mean: double(meanOf(cumulated)),
    standardDeviation: double(standardDeviationOf(cumulated)),
  };
}
