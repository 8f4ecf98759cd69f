import { describe, expect, it } from '@jest/globals';
import { parseChallenges } from './challenge.js';

describe('parseChallenges', () => {
  it.each<[string | undefined, object[]]>([
    [undefined, []],
    ['', []],
    ['Basic realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
    [
      'Bearer realm="https://auth.example/token",service="reg.example",scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://auth.example/token',
            service: 'reg.example',
            scope: 'repository:a/b:pull,push',
          },
        },
      ],
    ],
    [
      'Bearer Realm=https://a.example , Basic realm="b \\"c\\""',
      [
        { scheme: 'bearer', parameters: { realm: 'https://a.example' } },
        { scheme: 'basic', parameters: { realm: 'b "c"' } },
      ],
    ],
    ['realm="x"', []],
    ['Negotiate', [{ scheme: 'negotiate', parameters: {} }]],
  ])('%j', (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });
});
