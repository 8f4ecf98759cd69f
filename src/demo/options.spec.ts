import { describe, expect, it } from '@jest/globals';
import { DemoProblem } from './demo-problem.js';
import { parseOptions } from './options.js';

describe('parseOptions', () => {
  it.each<[string[], object]>([
    [[], { server: undefined, exit: false, help: false }],
    [['--exit'], { exit: true }],
    [['--server', 'http://localhost:9393/'], { server: 'http://localhost:9393' }],
    [['--server=https://tasks.example.org/scdf//'], { server: 'https://tasks.example.org/scdf' }],
    [['--help'], { help: true }],
  ])('reads %j', (words, expected) => {
    expect(parseOptions(words)).toMatchObject(expected);
  });

  it.each([
    [['--serve', 'x']],
    [['--server']],
    [['--server', 'localhost:9393']],
    [['--server', 'ftp://localhost']],
    [['--server', 'http://user:secret@localhost:9393']],
    [['more']],
  ])('refuses %j', (words) => {
    expect(() => parseOptions(words)).toThrow(DemoProblem);
  });
});
