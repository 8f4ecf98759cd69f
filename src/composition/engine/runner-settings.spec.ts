import { describe, expect, it } from '@jest/globals';
import { runnerSettings } from './runner-settings.js';

const read = (properties: Record<string, string>, ...given: string[]) =>
  runnerSettings(new Map(Object.entries(properties)), given);

describe("the runner's settings", () => {
  it("are those of SCDF's runner by default", () => {
    expect(read({})).toEqual({
      composedTaskArguments: null,
      composedTaskProperties: null,
      composedTaskAppArguments: new Map(),
      composedTaskAppProperties: new Map(),
      platformName: null,
      maxWaitTime: 0,
      maxStartWaitTime: 0,
      splitThreadCorePoolSize: 4,
      incrementInstanceEnabled: true,
      uuidInstanceEnabled: false,
    });
  });

  it.each(['max-wait-time', 'maxWaitTime', 'MAX_WAIT_TIME', 'max_wait_time'])('are found as %s', (name) => {
    expect(read({ [name]: '7' }).maxWaitTime).toBe(7);
    expect(read({}, `--${name}=7`).maxWaitTime).toBe(7);
  });

  it('in arguments win, the last one most', () => {
    expect(
      read({ 'platform-name': 'a', 'max-wait-time': '1' }, '--platformName=b', 'platform-name=x', '--platform-name=c'),
    ).toMatchObject({ platformName: 'c', maxWaitTime: 1 });
  });

  it('keep the keys of maps as they are, in their order', () => {
    const settings = read(
      { 'composed-task-app-properties.app.AAA.x-y': '1' },
      '--composed-task-app-arguments.base64_YXBwLiouMA=--a=b',
      '--composedTaskAppArguments.app.AAA.1=c',
    );
    expect([...settings.composedTaskAppArguments]).toEqual([
      ['base64_YXBwLiouMA', '--a=b'],
      ['app.AAA.1', 'c'],
    ]);
    expect([...settings.composedTaskAppProperties]).toEqual([['app.AAA.x-y', '1']]);
  });

  it.each([
    ['max-wait-time', '-1', 'a whole number from 0'],
    ['max-start-wait-time', '1s', 'a whole number from 0'],
    ['split-thread-core-pool-size', '0', 'a whole number from 1'],
    ['split-thread-core-pool-size', '9999999999', 'to 2147483647'],
    ['uuid-instance-enabled', 'perhaps', 'true or false'],
  ])('%s=%s are refused', (name, value, allowed) => {
    expect(() => read({ [name]: value })).toThrow(`setting '${name}' is '${value}', but must be `);
    expect(() => read({ [name]: value })).toThrow(allowed);
  });

  it('are refused all at once', () => {
    expect(() => read({ 'max-wait-time': 'x', 'uuid-instance-enabled': 'y' })).toThrow(/max-wait-time.*uuid/s);
  });
});
