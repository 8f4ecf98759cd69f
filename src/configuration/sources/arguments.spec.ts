import { describe, expect, it } from '@jest/globals';
import { argumentsSource } from './arguments.js';

describe('argumentsSource', () => {
  it('reads options, joins repeated ones and warns of the rest without its value', () => {
    const { source, warnings } = argumentsSource(['--a.b=c=d', '--x=1', '--flag', '--x=2', '-Dq=geheim', 'word', '--']);
    expect(source.entries).toEqual([
      { name: ['a', 'b'], value: 'c=d', origin: 'argument --a.b' },
      { name: ['x'], value: '1,2', origin: 'argument --x' },
      { name: ['flag'], value: '', origin: 'argument --flag' },
    ]);
    expect(warnings).toEqual([
      'argument «-Dq=…» is ignored: settings are given as --name=value',
      'argument «word» is ignored: settings are given as --name=value',
      'argument «--» is ignored: settings are given as --name=value',
    ]);
  });
});
