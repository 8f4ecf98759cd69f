import { describe, expect, it } from '@jest/globals';
import { acceptsProfiles, activeProfiles, ProfileExpressionError } from './profiles.js';

describe('acceptsProfiles', () => {
  it.each([
    ['prod', true],
    ['dev', false],
    ['!dev', true],
    ['!prod', false],
    ['dev, prod', true],
    ['prod & eu', true],
    ['prod&us', false],
    ['dev | eu', true],
    ['prod & (us | eu)', true],
    ['!(us | eu)', false],
    ['!!prod', true],
    ['', false],
  ])('%s: %s', (expression, expected) => {
    expect(acceptsProfiles(expression, ['prod', 'eu'])).toBe(expected);
  });

  it.each(['prod &', '(prod', 'prod)', 'prod & eu | us', '& prod', 'prod eu', '!', '()'])(
    '%s is malformed',
    (expression) => {
      expect(() => acceptsProfiles(expression, ['prod'])).toThrow(ProfileExpressionError);
    },
  );
});

describe('activeProfiles', () => {
  const outside = { insideCluster: false, addNone: false };
  const inside = { insideCluster: true, addNone: false };
  it.each([
    [[], outside, ['local']],
    [[], inside, ['kubernetes']],
    [['prod'], outside, ['local', 'prod']],
    [['prod', 'prod'], inside, ['kubernetes', 'prod']],
    [['kubernetes'], outside, ['kubernetes']],
    [['cloud'], inside, ['cloud']],
    [['local'], outside, ['local']],
    [[], { insideCluster: true, addNone: true }, []],
    [['prod'], { insideCluster: false, addNone: true }, ['prod']],
  ])('%j %j', (explicit, facts, expected) => {
    expect(activeProfiles(explicit, facts)).toEqual(expected);
  });
});
