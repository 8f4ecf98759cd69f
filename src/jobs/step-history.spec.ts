import { describe, expect, it } from '@jest/globals';
import {
  comparedStepName,
  type Cumulated,
  meanOf,
  MEASURES,
  percentageComplete,
  standardDeviationOf,
  type StepFigures,
} from './step-history.js';

function cumulate(...values: number[]): Cumulated {
  return {
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    squares: values.reduce((sum, value) => sum + value * value, 0),
    min: Math.min(...values, Infinity),
    max: Math.max(...values, -Infinity),
  };
}

const NOTHING: Cumulated = { count: 0, sum: 0, squares: 0, min: 0, max: 0 };

function historyOf(readCount: Cumulated, duration: Cumulated): StepFigures {
  const empty = Object.fromEntries(MEASURES.map(({ name }) => [name, NOTHING])) as StepFigures;
  return { ...empty, readCount, duration };
}

describe('mean and standard deviation', () => {
  it.each([
    // As recorded from SCDF 2.11.5: the commits and the durations of a step.
    [[1, 1, 0], 0.6666666666666666, 0.4714045207910317],
    [[186, 57, 26], 89.66666666666667, 69.28363603494134],
    // The last digits are those of SCDF's order of computing.
    [[7, 8, 8], 7.666666666666667, 0.4714045207910233],
    [[2, 4, 4], 3.3333333333333335, 0.9428090415820626],
    [[17], 17, 0],
    [[], 0, 0],
  ])('of %j', (values, mean, deviation) => {
    expect(meanOf(cumulate(...values))).toBe(mean);
    expect(standardDeviationOf(cumulate(...values))).toBe(deviation);
  });

  it('is no NaN when rounding makes the variance negative', () => {
    expect(standardDeviationOf({ count: 3, sum: 0.3, squares: 0.029, min: 0.1, max: 0.1 })).toBe(0);
  });
});

describe('the share of a step that is done', () => {
  it.each([
    ['finished', { finished: true, readCount: 0, duration: 5 }, historyOf(NOTHING, NOTHING), 1],
    ['the first ever', { finished: false, readCount: 9, duration: 5 }, historyOf(NOTHING, NOTHING), 0.5],
    ['by reads', { finished: false, readCount: 5, duration: 5 }, historyOf(cumulate(10, 30), cumulate(1, 1)), 0.25],
    ['by time', { finished: false, readCount: 0, duration: 5 }, historyOf(cumulate(0, 0), cumulate(10, 10)), 0.5],
    ['without any', { finished: false, readCount: 0, duration: 5 }, historyOf(cumulate(0), cumulate(0)), 0.5],
    [
      // Recorded: beyond 1, since it outlasts its predecessors.
      'slower than ever',
      { finished: false, readCount: 0, duration: 3518 },
      historyOf(cumulate(0, 0, 0), cumulate(186, 57, 26)),
      39.23420074349442,
    ],
  ])('%s', (_, step, history, share) => {
    expect(percentageComplete(step, history)).toBe(share);
  });
});

describe('the name under which steps are compared', () => {
  it.each([
    ['load', 'load'],
    ['load:partition0', 'load:partition*'],
    ['load:partition12:partition3', 'load:partition*'],
    ['load:part', 'load:part'],
    [`${'x'.repeat(90)}:partition`, `${'x'.repeat(90)}:partition`],
  ])('%s is %s', (name, compared) => {
    expect(comparedStepName(name)).toBe(compared);
  });
});
