import { describe, expect, it } from '@jest/globals';
import { encodeKey } from './base64-keys.js';
import { childLaunch, ChildrenSettings } from './child-launch.js';
import { childLimits, retryDelay } from './child-limits.js';
import { ComposedArgumentsError } from './composed-arguments.js';

const PARENT = ['--spring.cloud.task.parent-execution-id=7', '--spring.cloud.task.parent-schema-target=boot2'];

type Given = { readonly [name in keyof ChildrenSettings]?: ChildrenSettings[name] | Record<string, string> };

function settings(given: Given = {}): ChildrenSettings {
  const map = (value: unknown) => new Map(Object.entries((value ?? {}) as Record<string, string>));
  return {
    parent: 'ct',
    children: new Set(['ct-AAA', 'ct-BBB', 'ct-AAA-2']),
    composedTaskArguments: (given.composedTaskArguments as string | undefined) ?? null,
    composedTaskProperties: map(given.composedTaskProperties),
    composedTaskAppArguments: map(given.composedTaskAppArguments),
    composedTaskAppProperties: map(given.composedTaskAppProperties),
    platformName: (given.platformName as string | undefined) ?? null,
    parentExecutionId: 7,
    parentSchemaTarget: 'boot2',
  };
}

describe('composed-task-arguments', () => {
  it.each([
    // text, what AAA gets, what BBB gets
    ['--baz=boo --AAA.foo=bar BBB.que=qui', '--baz=boo --foo=bar', '--baz=boo que=qui'],
    ['"--baz=boo --AAA.foo=bar"', '--baz=boo --foo=bar', '--baz=boo'],
    ["--a='x y'", '--a="x y"', '--a="x y"'],
    ['--AAA.a="x y" z', '--a="x y" z', 'z'],
    ['--a=1\n\t--b=2', '--a=1 --b=2', '--a=1 --b=2'],
    ['--spring.x=1', '--spring.x=1', '--spring.x=1'],
    ['AAA=1', 'AAA=1', 'AAA=1'],
    ['--a=\'say "x y"\'', `--a='say "x y"'`, `--a='say "x y"'`],
    ["''", '', ''],
  ])('%s', (text, forA, forB) => {
    const launched = (child: string) => childLaunch(settings({ composedTaskArguments: text }), child).arguments;
    expect(launched('ct-AAA')).toEqual([forA, ...PARENT]);
    expect(launched('ct-BBB')).toEqual([forB, ...PARENT]);
  });

  it('that are for others or blank are none', () => {
    expect(childLaunch(settings({ composedTaskArguments: '--AAA.x=1' }), 'ct-BBB').arguments).toEqual(PARENT);
    expect(childLaunch(settings({ composedTaskArguments: '  ' }), 'ct-BBB').arguments).toEqual(PARENT);
  });

  it('with an open quote are refused', () => {
    expect(() => childLaunch(settings({ composedTaskArguments: '--a="b' }), 'ct-AAA')).toThrow(ComposedArgumentsError);
  });
});

describe('the arguments of a child', () => {
  const composedTaskAppArguments = {
    [encodeKey('app.AAA.0')]: '--arg1=v1',
    'app.*.0': '--arg3=v3',
    'app.AAA-2.0': 'two words',
  };

  it('by name come in the order of the launch', () => {
    const launched = (child: string) => childLaunch(settings({ composedTaskAppArguments }), child).arguments;
    expect(launched('ct-AAA')).toEqual(['--arg1=v1', '--arg3=v3', ...PARENT]);
    expect(launched('ct-BBB')).toEqual(['--arg3=v3', ...PARENT]);
    expect(launched('ct-AAA-2')).toEqual(['--arg3=v3', 'two words', ...PARENT]);
  });

  it('of a restart are those recorded, with the new parent', () => {
    const recorded = [
      '--x=1',
      '--spring.cloud.task.parent-execution-id=3',
      '--spring.cloud.task.parent-execution-id%3',
    ];
    const { arguments: given } = childLaunch(settings({ composedTaskAppArguments }), 'ct-AAA', [
      ...recorded,
      '--spring.cloud.task.parent-schema-target=boot3',
    ]);
    expect(given).toEqual(['--x=1', ...PARENT]);
  });
});

describe('the platform account of a child', () => {
  const PLATFORM = 'spring.cloud.dataflow.task.platformName';
  it.each<[Record<string, string>, string | undefined, string | undefined]>([
    [{}, undefined, undefined],
    [{}, 'k8s', 'k8s'],
    [{ 'deployer.AAA.millrace.platform-name': 'own' }, 'k8s', 'own'],
    [{ 'deployer.AAA.millrace.platformName': 'own', 'deployer.*.millrace.platform-name': 'all' }, 'k8s', 'own'],
    [{ 'deployer.*.millrace.platform-name': 'all', 'deployer.BBB.millrace.platform-name': 'other' }, undefined, 'all'],
    [{ 'deployer.AAA.millrace.platform-name': ' ' }, 'k8s', 'k8s'],
  ])('%j on %s', (composedTaskAppProperties, platformName, expected) => {
    const given = platformName === undefined ? {} : { platformName };
    const { properties } = childLaunch(settings({ composedTaskAppProperties, ...given }), 'ct-AAA');
    expect(properties.get(PLATFORM)).toBe(expected);
    expect(childLimits('ct-AAA', properties)).toMatchObject({ maxAttempts: 1 });
  });
});

describe('the properties of a child', () => {
  it('are those under its full name, and over them those under its short name', () => {
    const { taskName, properties } = childLaunch(
      settings({
        composedTaskProperties: {
          'app.ct-AAA.app.AAA.x': '1',
          'deployer.ct-AAA.deployer.AAA.memory': '2g',
          'version.ct-AAA.AAA': '3.0',
          'app.ct-AAA-2.app.AAA.x': 'other',
          'app.ct-BBB.app.BBB.x': 'other',
        },
        composedTaskAppProperties: {
          [encodeKey('app.AAA.x')]: '2',
          'app.*.y': '3',
          'deployer.*.cpu': '1',
          'app.AAA-2.z': 'other',
          'deployer.BBB.cpu': 'other',
        },
        platformName: 'k8s',
      }),
      'ct-AAA',
    );
    expect(taskName).toBe('ct-AAA');
    expect(Object.fromEntries(properties)).toEqual({
      'app.AAA.x': '2',
      'app.*.y': '3',
      'deployer.AAA.memory': '2g',
      'deployer.*.cpu': '1',
      'version.AAA': '3.0',
      'spring.cloud.dataflow.task.platformName': 'k8s',
    });
  });
});

describe('ignore-exit-message', () => {
  it.each([
    [{ composedTaskAppArguments: { 'app.AAA.0': '--ignore-exit-message=true' } }, true],
    [{ composedTaskAppArguments: { 'app.AAA.0': '--ignoreExitMessage=false' } }, true],
    [{ composedTaskArguments: '--x=1 --ignore-exit-message=true' }, true],
    [{ composedTaskAppProperties: { 'app.AAA.ignore-exit-message': 'false' } }, true],
    [{ composedTaskAppProperties: { 'app.BBB.ignore-exit-message': 'true' } }, false],
    [{ composedTaskAppArguments: { 'app.AAA.0': '--ignore-exit-message' } }, false],
    [{ composedTaskAppArguments: { 'app.AAA.0': '--x=ignore-exit-message=1' } }, false],
    [{}, false],
  ])('%j: %s', (given, ignored) => {
    expect(childLaunch(settings(given), 'ct-AAA').ignoreExitMessage).toBe(ignored);
  });
});

describe('the limits of a child', () => {
  const limits = (properties: Record<string, string>) => childLimits('ct-AAA', new Map(Object.entries(properties)));

  it.each<[Record<string, string>, object]>([
    [{}, { maxAttempts: 1, backoff: 10_000, timeout: null }],
    [{ 'deployer.AAA.millrace.retry.max-attempts': '3' }, { maxAttempts: 3 }],
    [
      { 'deployer.AAA.millrace.retry.maxAttempts': '3', 'deployer.*.millrace.retry.max-attempts': '5' },
      { maxAttempts: 3 },
    ],
    [{ 'deployer.*.millrace.retry.backoff': '1500' }, { backoff: 1_500 }],
    [{ 'deployer.AAA.millrace.retry.backoff': '0' }, { backoff: 0 }],
    [{ 'deployer.AAA.millrace.timeout': '90 s' }, { timeout: 90_000 }],
    [{ 'deployer.AAA.millrace.timeout': '2h' }, { timeout: 7_200_000 }],
    [{ 'app.AAA.millrace.timeout': 'x', 'deployer.AAA.memory': '1g' }, { timeout: null }],
  ])('%j', (properties, expected) => {
    expect(limits(properties)).toMatchObject(expected);
  });

  it.each([
    ['retry.max-attempts', '0', 'a whole number from 1 to 100'],
    ['retry.max-attempts', '1.5', 'a whole number from 1 to 100'],
    ['retry.max-attempts', '101', 'a whole number from 1 to 100'],
    ['retry.backoff', '-1s', 'a duration such as 500ms'],
    ['timeout', 'soon', 'a duration such as 500ms'],
    ['timeout', '31d', 'of 30 days at most'],
    ['timeout', '0', 'longer than nothing'],
    ['retries', '1', 'is not known; there are'],
  ])('%s=%s is refused', (name, value, sentence) => {
    const key = `deployer.AAA.millrace.${name}`;
    expect(() => limits({ [key]: value })).toThrow(sentence);
    expect(() => limits({ [key]: value })).toThrow(`'${key}' of 'ct-AAA'`);
  });

  it('are refused all at once', () => {
    expect(() => limits({ 'deployer.AAA.millrace.timeout': 'x', 'deployer.AAA.millrace.retry.backoff': 'y' })).toThrow(
      /timeout.*backoff/s,
    );
  });

  it('double the wait up to an hour, for failures only', () => {
    const failed = { status: 'FAILED', exitStatus: 'X', exitDescription: '' } as const;
    const three = { maxAttempts: 3, backoff: 1_000, timeout: null };
    expect([1, 2, 3].map((attempts) => retryDelay(three, attempts, failed))).toEqual([1_000, 2_000, null]);
    expect(retryDelay({ ...three, maxAttempts: 100 }, 99, failed)).toBe(3_600_000);
    expect(retryDelay({ ...three, backoff: 7_200_000 }, 1, failed)).toBe(7_200_000);
    expect(retryDelay(three, 1, { ...failed, status: 'COMPLETED' })).toBeNull();
    expect(retryDelay(three, 1, { ...failed, status: 'STOPPED' })).toBeNull();
  });
});
