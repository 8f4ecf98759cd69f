import { describe, expect, it } from '@jest/globals';
import type { StoredJobParameter } from './job-history.js';
import { restartArguments, type RestartArgumentsInput, withoutServerArguments } from './restart-arguments.js';

const base: RestartArgumentsInput = {
  schemaTarget: 'boot2',
  jobName: 'job1',
  composed: false,
  json: false,
  recorded: [],
  parameters: [],
  appProperties: { 'spring.batch.job.names': 'job1' },
};
const parameter = (type: string, value: string | null, more: Partial<StoredJobParameter> = {}) => {
  return { name: 'p', type, value, identifying: true, ...more };
};
const boot2 = (stored: StoredJobParameter) => restartArguments({ ...base, parameters: [stored] });
const boot3 = (stored: StoredJobParameter, json = false) =>
  restartArguments({ ...base, schemaTarget: 'boot3', json, parameters: [stored], appProperties: {} });

describe('job parameters as arguments of Spring Batch 4', () => {
  it.each([
    [parameter('STRING', 'two words'), 'p(string)=two words'],
    [parameter('STRING', 'a=b,c'), 'p(string)=a=b,c'],
    [parameter('STRING', ''), 'p(string)='],
    [parameter('STRING', null), 'p(string)='],
    [parameter('LONG', '7', { name: 'run.id' }), 'run.id(long)=7'],
    [parameter('LONG', '-9223372036854775808'), 'p(long)=-9223372036854775808'],
    [parameter('DOUBLE', '1.5'), 'p(double)=1.5'],
    [parameter('DOUBLE', '1e+300'), 'p(double)=1.0E300'],
    [parameter('DATE', '2024-01-02T00:00:00.000Z'), 'p(date)=2024/01/02'],
    [parameter('STRING', 'x', { identifying: false }), '-p(string)=x'],
    [parameter('DATE', '2024-01-02T00:00:00.000Z', { identifying: false }), '-p(date)=2024/01/02'],
  ])('%j', (stored, argument) => {
    expect(boot2(stored)).toEqual([argument]);
  });

  it.each([
    [parameter('DATE', '2024-01-02T03:04:05.000Z'), /'p' .* date with a time of day \(2024-01-02T03:04:05.000Z\)/],
    [parameter('DATE', null), /date with a time of day \(none\)/],
    [parameter('DOUBLE', 'NaN'), /no finite number: NaN/],
    [parameter('LONG', null), /no whole number of 64 bits: none/],
    [parameter('LONG', '9223372036854775808'), /no whole number of 64 bits/],
    [parameter('java.lang.Long', '1'), /type java.lang.Long is none of Spring Batch 4/],
    [parameter('STRING', ' x'), /begins or ends with a blank/],
    [parameter('STRING', 'x', { name: 'a=b' }), /'a=b' .* its name cannot stand on a command line/],
    [parameter('STRING', 'x', { name: '+a' }), /its name would be read as an option/],
  ])('%j is refused', (stored, sentence) => {
    expect(() => boot2(stored)).toThrow(sentence);
  });

  it('leaves out what older applications made of options', () => {
    expect(boot2(parameter('STRING', 'x', { name: '-spring.profiles.active' }))).toEqual([]);
  });
});

describe('job parameters as arguments of Spring Batch 5', () => {
  it.each([
    [parameter('java.lang.Long', '7', { name: 'run.id' }), 'run.id=7,java.lang.Long'],
    [parameter('java.lang.String', 'two words'), 'p=two words,java.lang.String'],
    [parameter('java.lang.String', null), 'p=,java.lang.String'],
    [parameter('java.lang.Double', '1.5'), 'p=1.5,java.lang.Double'],
    [parameter('java.util.Date', '2024-01-02T03:04:05.006Z'), 'p=2024-01-02T03:04:05.006Z,java.util.Date'],
    [parameter('java.time.LocalDate', '2024-01-02'), 'p=2024-01-02,java.time.LocalDate'],
    [parameter('java.lang.String', 'x', { identifying: false }), 'p=x,java.lang.String,false'],
  ])('%j', (stored, argument) => {
    expect(boot3(stored)).toEqual([argument]);
  });

  it('may be JSON', () => {
    expect(boot3(parameter('java.lang.String', 'a,"b"', { identifying: false }), true)).toEqual([
      'p={"value":"a,\\"b\\"","type":"java.lang.String","identifying":"false"}',
    ]);
  });

  it.each([
    [parameter('java.lang.String', 'a,b'), /contains a comma.*useJsonJobParameters=true/],
    [parameter('java.lang.Long', 'seven'), /no whole number of 64 bits: seven/],
    [parameter('java.lang.Double', ''), /no finite number/],
    [parameter('java.util.Date', null), /it has no value/],
    [parameter('not a class', 'x'), /type not a class is no name of a class/],
    [parameter('java.lang.String', 'x', { name: '--a' }), /would be read as an option/],
  ])('%j is refused', (stored, sentence) => {
    expect(() => boot3(stored)).toThrow(sentence);
  });
});

describe('arguments of a restart', () => {
  it('are the recorded ones, and the parameters that are not among them', () => {
    const parameters = [
      parameter('LONG', '2', { name: 'run.id' }),
      parameter('LONG', '3', { name: 'run' }),
      parameter('STRING', 'hello', { name: 'note', identifying: false }),
    ];
    const recorded = ['run.id(long)=2', '--a.b=1', '-note=hello', 'word'];
    expect(restartArguments({ ...base, recorded, parameters })).toEqual([...recorded, 'run(long)=3']);
  });

  it.each([
    ['boot2', [], {}, ['--spring.batch.job.names=job1']],
    ['boot2', [], { 'spring.batch.job.names': 'job1,job2' }, ['--spring.batch.job.names=job1']],
    ['boot2', ['--spring.batch.job.names=job1', 'a=b'], {}, ['--spring.batch.job.names=job1', 'a=b']],
    ['boot2', ['--spring.batch.job.names=job1,job2', 'a=b'], {}, ['--spring.batch.job.names=job1', 'a=b']],
    ['boot3', [], {}, []],
    ['boot3', [], { 'spring.batch.job.name': 'parent' }, ['--spring.batch.job.name=job1']],
    ['boot3', ['--spring.batch.job.name=parent'], {}, ['--spring.batch.job.name=job1']],
  ] as const)('choose the one job (%s, %j, %j)', (schemaTarget, recorded, appProperties, expected) => {
    expect(restartArguments({ ...base, schemaTarget, recorded, appProperties })).toEqual(expected);
  });

  it('choose no job of a composed task, which is one itself', () => {
    const parameters = [parameter('LONG', '1', { name: 'run.id' })];
    const recorded = ['--interval-time-between-checks=1000'];
    expect(restartArguments({ ...base, composed: true, appProperties: {}, recorded, parameters })).toEqual([
      ...recorded,
      'run.id(long)=1',
    ]);
  });

  it('are those of the user, where an application wrote all of them down', () => {
    const added = ['spring.cloud.task.initialize-enabled', 'spring.batch.jdbc.table-prefix'];
    const recorded = [
      'run.id(long)=2',
      '--app.tb.spring.cloud.task.initialize-enabled=false',
      '--app.tb.spring.batch.jdbc.table-prefix=BATCH_',
      '--app.tb.own=1',
      '--spring.cloud.task.executionid=12',
    ];
    expect(withoutServerArguments(recorded, added)).toEqual(['run.id(long)=2', '--app.tb.own=1']);
  });

  it('drops the platform that SCDF 2.5 named in each launch', () => {
    const recorded = [
      'run.id(long)=2',
      '--spring.cloud.data.flow.platformname=default',
      '--spring.cloud.task.executionid=2',
    ];
    expect(withoutServerArguments(recorded, [])).toEqual(['run.id(long)=2']);
  });
});
