import { describe, expect, it } from '@jest/globals';
import { takePriority } from './launch-priority.js';

describe('the priority of a launch', () => {
  it.each([
    [{}, 0],
    [{ 'millrace.priority': '' }, 0],
    [{ 'millrace.priority': ' ' }, 0],
    [{ 'millrace.priority': '7' }, 7],
    [{ 'millrace.priority': '+7' }, 7],
    [{ 'millrace.priority': '-1000' }, -1000],
    [{ 'millrace.priority': '1000' }, 1000],
    [{ 'millrace.priority': '007' }, 7],
  ])('of %j is %i', (properties, priority) => {
    expect(takePriority(properties)).toEqual({ priority, forPlatform: {} });
  });

  it.each(['high', '1.5', '1e3', '0x10', '1001', '-1001', '99999999999999999999', '--1', '1 2', 'NaN'])(
    'cannot be %s',
    (value) => {
      expect(() => takePriority({ 'millrace.priority': value })).toThrow(
        `Deployment property 'millrace.priority' has the value '${value}'. It must be a whole number from -1000 to 1000.`,
      );
    },
  );

  it('leaves the platform its own properties, and refuses what nobody knows', () => {
    const properties = { 'kubernetes.priorityClassName': 'high', memory: '1g', 'millrace.priority': '1' };
    expect(takePriority(properties).forPlatform).toEqual({ 'kubernetes.priorityClassName': 'high', memory: '1g' });
    expect(() => takePriority({ 'millrace.prio': '1' })).toThrow(
      "Deployment property 'millrace.prio' is unknown. Did you mean 'millrace.priority'?",
    );
  });
});
