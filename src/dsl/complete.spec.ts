import { describe, expect, it } from '@jest/globals';
import { CatalogueOption, CompletionCatalogue, completeTask, Proposal } from './complete.js';

function option(id: string, more: Partial<CatalogueOption> = {}): CatalogueOption {
  const name = id.slice(id.lastIndexOf('.') + 1);
  return { id, name, visible: true, type: null, shortDescription: null, values: [], closed: false, ...more };
}

const OPTIONS = [
  option('timestamp.format', { shortDescription: 'The format.' }),
  option('timestamp.fail', { type: 'java.lang.Boolean' }),
  option('timestamp.level', { values: ['LOW', 'LOUD'], closed: true }),
  option('timestamp.zone', { values: ['UTC', 'Europe/Berlin'] }),
  option('server.port', { visible: false }),
];

const catalogue: CompletionCatalogue = {
  taskAppNames: async () => ['timestamp-batch', 'timestamp', 'other'],
  optionsOf: async (app) => (app === 'timestamp' ? OPTIONS : []),
};

async function textsFor(start: string, detailLevel = 1): Promise<string[]> {
  return (await completeTask(start, detailLevel, catalogue)).map(({ text }) => text);
}

describe('completeTask', () => {
  it.each<[string, Proposal]>([
    ['', { text: 'timestamp-batch', explanation: 'Choose a task app' }],
    ['a: ', { text: 'a: timestamp-batch', explanation: 'Choose a task app' }],
    ['timestamp --fo', { text: 'timestamp --format=', explanation: 'The format.' }],
    ['timestamp --fa', { text: 'timestamp --fail=' }],
  ])('%j proposes first', async (start, proposal) => {
    expect((await completeTask(start, 1, catalogue))[0]).toEqual(proposal);
  });

  it.each<[string, string[]]>([
    ['timestamp --fail=', ['timestamp --fail=true', 'timestamp --fail=false']],
    ['timestamp --timestamp.fail=', ['timestamp --timestamp.fail=true', 'timestamp --timestamp.fail=false']],
    ['timestamp --fail=t', ['timestamp --fail=true']],
    ['timestamp --level=LO', ['timestamp --level=LOW', 'timestamp --level=LOUD']],
    ['timestamp --level=LOW', []],
    ['timestamp --port=', []],
    ['timestamp --fail= ', []],
    ['timestamp --level=LOW --f', ['timestamp --level=LOW --format=', 'timestamp --level=LOW --fail=']],
    ['timestamp --timestamp.format=x --fo', []],
    ['<', []],
    ['timestamp; ', []],
    ["timestamp 'X'->other --", []],
    ['other --', []],
  ])('%j', async (start, expected) => {
    expect(await textsFor(start)).toEqual(expected);
  });

  it('goes on with other options when other values are possible', async () => {
    expect(await textsFor('timestamp --zone=U')).toEqual([
      'timestamp --zone=UTC',
      'timestamp --zone=U --format=',
      'timestamp --zone=U --fail=',
      'timestamp --zone=U --level=',
    ]);
  });

  it('proposes longer names behind the options', async () => {
    expect((await textsFor('l: timestamp')).at(-1)).toBe('l: timestamp-batch');
  });

  it('proposes hidden options by their full names, in detail only', async () => {
    expect(await textsFor('timestamp --s')).toEqual([]);
    expect(await textsFor('timestamp --s', 2)).toEqual(['timestamp --server.port=']);
  });
});
