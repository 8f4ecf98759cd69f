import { describe, expect, it } from '@jest/globals';
import { deployerProperties, mergeProperties, parseLaunchProperties } from './launch-properties.js';
import { InvalidLaunchPropertiesError } from './launching.errors.js';

describe('parseLaunchProperties', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['app.ts.x=1', { 'app.ts.x': '1' }],
    [' app.ts.x = 1 , deployer.ts.memory=2g', { 'app.ts.x': '1', 'deployer.ts.memory': '2g' }],
    ['deployer.ts.kubernetes.volumes=[{a: 1},{b: 2}]', { 'deployer.ts.kubernetes.volumes': '[{a: 1},{b: 2}]' }],
    ['app.ts.args=a,b=c', { 'app.ts.args': 'a,b=c' }],
    ['app.ts.x=1,app.ts.x=2', { 'app.ts.x': '2' }],
    ['--app.ts.x=1', { 'app.ts.x': '1' }],
    ['spring.cloud.dataflow.task.platformName=dev', { 'spring.cloud.dataflow.task.platformName': 'dev' }],
    ['app.ts.x=', { 'app.ts.x': '' }],
  ])('reads %j', (text, expected) => {
    expect(Object.fromEntries(parseLaunchProperties(text))).toEqual(expected);
  });

  it.each(['foo.bar=1', 'foo', 'application.x=1', 'spring.cloud.dataflow.task.other=1'])('refuses %j', (text) => {
    expect(() => parseLaunchProperties(text)).toThrow(InvalidLaunchPropertiesError);
  });
});

describe('mergeProperties', () => {
  const last = new Map([
    ['app.ts.a', '1'],
    ['app.ts.b', '2'],
  ]);

  it('keeps, replaces, removes and adds', () => {
    const asked = new Map([
      ['app.ts.b', ' '],
      ['app.ts.a', '9'],
      ['app.ts.c', ''],
      ['spring.cloud.dataflow.task.platformName', 'dev'],
    ]);
    expect(Object.fromEntries(mergeProperties(last, asked, ['ts']))).toEqual({ 'app.ts.a': '9', 'app.ts.c': '' });
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['the wildcard now over the app then', { 'deployer.*.cpu': '2' }, { cpu: '2', memory: '1g' }],
    ['the app now over the label then', { 'deployer.ts.memory': '2g' }, { cpu: '1', memory: '2g' }],
    [
      'the app now over the wildcard now',
      { 'deployer.*.cpu': '2', 'deployer.ts.cpu': '3' },
      { cpu: '3', memory: '1g' },
    ],
    ['nothing over what is left blank', { 'deployer.*.cpu': '' }, { cpu: '1', memory: '1g' }],
    ['nothing over other properties', { 'deployer.*.gpu': '1' }, { cpu: '1', memory: '1g', gpu: '1' }],
  ])('lets a deployer property asked for now win: %s', (_, asked, expected) => {
    const before = new Map([
      ['deployer.ts.cpu', '1'],
      ['deployer.label.memory', '1g'],
    ]);
    const merged = mergeProperties(before, new Map(Object.entries(asked)), ['ts', 'label']);
    expect(deployerProperties(merged, ['ts', 'label'])).toEqual(expected);
  });
});

describe('mergeProperties with a manifest of SCDF 2.5', () => {
  const old = { 'spring.cloud.deployer.memory': '1g' };

  it.each<[string, Record<string, string>, Record<string, string>, Record<string, string>]>([
    ['kept under the name of the app', old, {}, { 'deployer.ts.memory': '1g' }],
    ['replaced', old, { 'deployer.ts.memory': '2g' }, { 'deployer.ts.memory': '2g' }],
    ['replaced for all apps', old, { 'deployer.*.memory': '2g' }, { 'deployer.*.memory': '2g' }],
    [
      'replaced for the label',
      old,
      { 'deployer.label.memory': '2g' },
      { 'deployer.ts.memory': '1g', 'deployer.label.memory': '2g' },
    ],
    ['removed', old, { 'deployer.ts.memory': '' }, {}],
    ['later than one for all', { ...old, 'deployer.*.memory': '3g' }, {}, { 'deployer.*.memory': '3g' }],
    ['later than one for the label', { ...old, 'deployer.label.memory': '3g' }, {}, { 'deployer.label.memory': '3g' }],
    [
      'beside another app',
      { ...old, 'deployer.x.memory': '3g' },
      {},
      { 'deployer.x.memory': '3g', 'deployer.ts.memory': '1g' },
    ],
    ['of an app property', { 'app.ts.spring.cloud.deployer.a': '1' }, {}, { 'app.ts.spring.cloud.deployer.a': '1' }],
  ])('takes a deployer property as it was asked for: %s', (_, before, asked, expected) => {
    const [manifest, now] = [before, asked].map((properties) => new Map(Object.entries(properties)));
    expect(Object.fromEntries(mergeProperties(manifest ?? new Map(), now ?? new Map(), ['ts', 'label']))).toEqual(
      expected,
    );
  });
});

describe('deployerProperties', () => {
  it('lets the label win over the app and the app over the wildcard', () => {
    const properties = new Map([
      ['deployer.label.memory', '3'],
      ['deployer.ts.memory', '2'],
      ['deployer.*.memory', '1'],
      ['deployer.*.cpu', '1'],
      ['deployer.other.cpu', '7'],
    ]);
    expect(deployerProperties(properties, ['ts', 'label'])).toEqual({ memory: '3', cpu: '1' });
  });
});
