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
    [[], { kubernetes: false, namespaces: undefined, batchImage: undefined }],
    [['--kubernetes'], { kubernetes: true, image: expect.stringMatching(/busybox:/) as unknown }],
    [
      ['--kubernetes', '--namespaces', 'a, b-1', '--image', 'r:5000/x@sha256:0a'],
      { namespaces: ['a', 'b-1'], image: 'r:5000/x@sha256:0a' },
    ],
    [['--kubernetes', '--batch-image=acme/batch:1'], { batchImage: 'acme/batch:1' }],
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
    [['--image', 'busybox']],
    [['--kubernetes', '--namespaces', 'a']],
    [['--kubernetes', '--namespaces', 'a,a']],
    [['--kubernetes', '--namespaces', 'a,b,c']],
    [['--kubernetes', '--namespaces', 'A,b']],
    [['--kubernetes', '--image', 'a b']],
  ])('refuses %j', (words) => {
    expect(() => parseOptions(words)).toThrow(DemoProblem);
  });
});
