import { describe, expect, it } from '@jest/globals';
import { taskApps } from '../dsl/facts.js';
import { parseTask } from '../dsl/parse.js';
import { composedProperties, injectedProperties } from './composed-properties.js';
import { encodeKey } from './engine/base64-keys.js';

const APPS = taskApps('ct', parseTask('ct', 'a: timestamp && b: timestamp'));
const COMPOSED = 'app.composed-task-runner.composed-task-properties';
const forApps = (key: string) => `app.composed-task-runner.composed-task-app-properties.${encodeKey(key)}`;

function merged(last: Record<string, string>, asked: Record<string, string>) {
  const { kept, ofRun, strangers } = composedProperties(
    'ct',
    APPS,
    new Map(Object.entries(asked)),
    new Map(Object.entries(last)),
  );
  return { kept: Object.fromEntries(kept), ofRun: Object.fromEntries(ofRun), strangers };
}

describe('composedProperties', () => {
  it('writes properties in the form that SCDF records', () => {
    const { kept, ofRun, strangers } = merged(
      {},
      {
        'app.a.format': 'HH',
        'app.ct.b.format': 'mm',
        'deployer.*.memory': '1g',
        'app.composed-task-runner.max-wait-time': '5',
      },
    );
    expect(kept).toEqual({
      'app.composed-task-runner.max-wait-time': '5',
      'app.a.format': 'HH',
      'deployer.*.memory': '1g',
      [forApps('app.a.format')]: 'HH',
      [forApps('deployer.*.memory')]: '1g',
      [COMPOSED]: 'app.ct-b.app.timestamp.format=mm',
    });
    expect(ofRun).toEqual(kept);
    expect(strangers).toEqual([]);
  });

  it('keeps what earlier launches asked for, property by property', () => {
    const last = merged({}, { 'app.a.format': 'HH', 'app.ct.a.x': '1,2', 'app.ct.b.x': '2' }).kept;
    expect(merged(last, { 'app.ct.b.x': '3' }).kept).toEqual({
      'app.a.format': 'HH',
      [forApps('app.a.format')]: 'HH',
      [COMPOSED]: 'app.ct-a.app.timestamp.x=1,2, app.ct-b.app.timestamp.x=3',
    });
  });

  it('unsets by a blank value, and tells the children of this run', () => {
    const last = merged({}, { 'app.a.format': 'HH', 'app.ct.b.x': '2' }).kept;
    const { kept, ofRun } = merged(last, { 'app.a.format': '', 'app.ct.b.x': '' });
    expect(kept).toEqual({});
    expect(ofRun).toEqual({
      'app.a.format': '',
      [forApps('app.a.format')]: '',
      [COMPOSED]: 'app.ct-b.app.timestamp.x=',
    });
  });

  it('takes a text for all children in place of the last one, however it is spelled', () => {
    const last = { [COMPOSED]: 'app.ct-a.app.timestamp.x=1' };
    const spelled = { 'app.composed-task-runner.composedTaskProperties': 'app.ct-b.app.timestamp.y=2' };
    expect(merged(last, spelled).kept).toEqual({ [COMPOSED]: 'app.ct-b.app.timestamp.y=2' });
  });

  it('does not mind what an earlier launch left behind', () => {
    expect(merged({ [COMPOSED]: 'nonsense' }, {}).kept).toEqual({});
  });

  it('names what is no child of the task', () => {
    expect(merged({}, { 'app.c.x': '1', 'app.a.x': '1' }).strangers).toEqual(['c']);
  });
});

describe('injectedProperties', () => {
  it('names tables by the generation of each app', () => {
    const apps = taskApps('ct', parseTask('ct', "one 'FAILED'->$END && l: two"));
    expect(Object.fromEntries(injectedProperties('ct', apps, new Map([['ct-l', '3']])))).toMatchObject({
      'app.ct.spring.cloud.task.schemaTarget': 'boot2',
      'app.composed-task-runner.spring.cloud.deployer.bootVersion': '2',
      'app.composed-task-runner.composed-task-app-properties.app.ct-one.spring.cloud.task.tablePrefix': 'TASK_',
      'app.composed-task-runner.composed-task-app-properties.app.one.spring.cloud.task.tablePrefix': 'TASK_',
      'app.composed-task-runner.composed-task-app-properties.app.l.spring.cloud.task.tablePrefix': 'BOOT3_TASK_',
      'app.ct-l.spring.batch.jdbc.table-prefix': 'BOOT3_BATCH_',
      'app.two.spring.batch.jdbc.table-prefix': 'BOOT3_BATCH_',
    });
  });
});
