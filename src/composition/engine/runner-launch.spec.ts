import { describe, expect, it } from '@jest/globals';
import { taskApps } from '../../dsl/facts.js';
import { parseText } from '../../dsl/parse.js';
import { decodeKey, encodeKey } from './base64-keys.js';
import {
  appPropertiesOfRunner,
  joinProperties,
  runnerArguments,
  runnerProperties,
  strangersInArguments,
} from './runner-launch.js';

const apps = (definition: string) => taskApps('ct', parseText(definition));
const sort = (definition: string, properties: Record<string, string>) => {
  const sorted = runnerProperties('ct', apps(definition), new Map(Object.entries(properties)));
  return {
    own: Object.fromEntries(sorted.own),
    composed: joinProperties(sorted.composedTaskProperties),
    forApps: Object.fromEntries(sorted.composedTaskAppProperties),
    strangers: sorted.strangers,
  };
};

describe('the properties of a composed launch', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'AAA && BBB',
      { 'app.ct.AAA.timestamp.format': 'YYYY', 'deployer.ct.AAA.memory': '1240m' },
      'app.ct-AAA.app.AAA.timestamp.format=YYYY, deployer.ct-AAA.deployer.AAA.memory=1240m',
    ],
    ['t1: AAA && BBB', { 'app.ct.t1.timestamp.format': 'YYYY' }, 'app.ct-t1.app.AAA.timestamp.format=YYYY'],
    ["AAA 'X'->BBB", { 'deployer.ct.BBB.cpu': '1' }, 'deployer.ct-BBB.deployer.BBB.cpu=1'],
    ['AAA && BBB', { 'version.AAA': '2' }, 'version.ct-AAA.AAA=2'],
    ['t1: AAA && BBB', { 'version.ct-t1': '2' }, 'version.ct-t1.t1=2'],
    ['AAA && BBB', { 'version.ct-AAA.AAA': '2' }, 'version.ct-AAA.AAA=2'],
  ])('of %s for one child: %j', (definition, properties, composed) => {
    expect(sort(definition, properties)).toEqual({ own: {}, composed, forApps: {}, strangers: [] });
  });

  it.each(['app.AAA.x', 'app.*.x', 'deployer.AAA.memory', 'deployer.*.memory'])('%s goes by the short name', (key) => {
    expect(sort('AAA && BBB', { [key]: '1' })).toEqual({
      own: {},
      composed: '',
      forApps: { [key]: '1' },
      strangers: [],
    });
  });

  it.each([
    ['app.composed-task-runner.split-thread-core-pool-size', []],
    ['deployer.composed-task-runner.memory', []],
    ['app.ct.spring.batch.jdbc.table-prefix', []],
    ['scheduler.x', []],
    ['app.CCC.x', ['CCC']],
    ['version.CCC', ['CCC']],
  ])('%s stays with the runner', (key, strangers) => {
    expect(sort('AAA && BBB', { [key]: '1' })).toEqual({ own: { [key]: '1' }, composed: '', forApps: {}, strangers });
  });
});

describe('keys', () => {
  it('are written in Base64', () => {
    expect(encodeKey('app.*.0')).toBe('base64_YXBwLiouMA');
    expect(appPropertiesOfRunner(new Map([['app.*.0', 'v']]))).toEqual(
      new Map([['app.composed-task-runner.composed-task-app-properties.base64_YXBwLiouMA', 'v']]),
    );
  });

  it.each(['app.*.0', 'app.AAA.ä😀', 'x'])('come back: %s', (key) => {
    expect(decodeKey(encodeKey(key))).toBe(key);
  });

  it.each(['app.AAA.0', 'base64_', 'base64_%%'])('in plain form are themselves: %s', (key) => {
    expect(decodeKey(key)).toBe(key);
  });
});

describe('the arguments of a composed launch', () => {
  it.each([
    ['app.AAA.0=--arg1=v1', `--composed-task-app-arguments.${encodeKey('app.AAA.0')}=--arg1=v1`],
    ['--app.*.0=x=y', '--composed-task-app-arguments.base64_YXBwLiouMA=x=y'],
    ['app.AAA', '--composed-task-app-arguments.app.AAA'],
    ['--increment-instance-enabled=true', '--increment-instance-enabled=true'],
    ['plain', 'plain'],
  ])('%s becomes %s', (given, converted) => {
    expect(runnerArguments([given])).toEqual([converted]);
  });

  it('that name no child are found', () => {
    const given = ['app.AAA.0=a', 'app.t.0=b', '--app.nobody.1=c', 'app.*.2=d', 'app.nobody.3=e', 'x=app.gone.0=1'];
    expect(strangersInArguments(apps('AAA && t: BBB'), given)).toEqual(['nobody']);
  });
});
