import { describe, expect, it } from '@jest/globals';
import { UnusableSettingsError } from '../../configuration/unusable-settings.js';
import type { LaunchRequest } from '../platform.js';
import { containerCommand } from './container-command.js';
import { containerState } from './container-engine.js';
import type { ExecutionRecord } from './execution-directory.js';
import { jarCommand } from './launch-command.js';
import { applyDeploymentProperties, parseLocalAccount } from './local-account.js';
import { describeLocalAccount, LOCAL_PLATFORM_OPTIONS } from './local-options.js';
import { DEFAULT_LOCAL_SETTINGS } from './local-settings.js';
import { shebang } from './program-file.js';

const input = {
  externalExecutionId: 'ts-1',
  execution: { id: 7, schemaTarget: 'boot3', instanceId: 'here' },
  appProperties: { 'timestamp.format': 'yyyy' },
  arguments: ['--user=1'],
  springArguments: ['--spring.cloud.task.executionid=7'],
} satisfies Partial<LaunchRequest>;
const parent = {
  PATH: '/bin',
  LANG: 'C',
  LC_ALL: 'C',
  HOME: '/home/x',
  SECRET: 's',
  DOCKER_HOST: 'tcp://d',
  XLANG: 'no',
};
const settings = (properties: Record<string, string>) => applyDeploymentProperties(DEFAULT_LOCAL_SETTINGS, properties);
const jar = (properties: Record<string, string>, changes: Partial<typeof input> = {}) =>
  jarCommand('/jdk/bin/java', '/a.jar', { ...input, ...changes }, settings(properties), parent, 0.5);

describe('jarCommand', () => {
  it('passes properties as JSON, arguments of the user and then those of the server', () => {
    expect(jar({})).toEqual({
      argv: ['/jdk/bin/java', '-jar', '/a.jar', '--user=1', '--spring.cloud.task.executionid=7'],
      environment: {
        PATH: '/bin',
        LANG: 'C',
        LC_ALL: 'C',
        SPRING_APPLICATION_JSON: '{"timestamp.format":"yyyy","server.port":"0"}',
      },
    });
  });

  it.each<[Record<string, string>, string[]]>([
    [{ 'local.java-opts': '-Da="x y" -Db' }, ['-Da=x y', '-Db']],
    [{ 'spring.cloud.deployer.local.javaOpts': "-Dq='a b'" }, ['-Dq=a b']],
    [{ memory: '2g' }, ['-Xmx2048m']],
    [{ memory: '512', 'local.java_opts': '-Da' }, ['-Xmx512m', '-Da']],
    [{ memory: '512m', 'local.java-opts': '-Xmx1g' }, ['-Xmx1g']],
    [{ 'local.debug-port': '5005' }, ['-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=5005']],
    [
      { 'local.debugAddress': '*:5005', 'local.debugSuspend': 'n', 'local.debugPort': '1' },
      ['-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005'],
    ],
  ])('%j', (properties, options) => {
    expect(jar(properties).argv.slice(1, -4)).toEqual(options);
  });

  it('passes properties as arguments where SPRING_APPLICATION_JSON is not wanted', () => {
    const { argv, environment } = jar({ 'local.use-spring-application-json': 'false' });
    expect(argv.slice(3)).toEqual([
      '--timestamp.format=yyyy',
      '--server.port=0',
      '--user=1',
      '--spring.cloud.task.executionid=7',
    ]);
    expect(environment['SPRING_APPLICATION_JSON']).toBeUndefined();
  });

  it.each<[string, Record<string, string>, Partial<typeof input>, string | undefined]>([
    ['a port of the range', { 'local.port-range.low': '30000', 'local.portRange.high': '30010' }, {}, '30005'],
    ['a port from the low end on', { 'local.port-range.low': '60999' }, {}, '61000'],
    ['the port of the properties', {}, { appProperties: { 'server.port': '81' } as never }, '81'],
    ['none beside the port of the arguments', {}, { arguments: ['--server.port=82'] }, undefined],
  ])('gives web tasks %s', (_what, properties, changes, port) => {
    const json = JSON.parse(jar(properties, changes).environment['SPRING_APPLICATION_JSON']!);
    expect(json['server.port']).toBe(port);
  });

  it.each(['A.*', 'A.*,LANG', ' LANG '])('inherits by whole names: %j', (patterns) => {
    const { environment } = jar({ 'local.env-vars-to-inherit': patterns });
    expect(Object.keys(environment).sort()).toEqual(
      patterns.includes('LANG') ? ['LANG', 'SPRING_APPLICATION_JSON'] : ['SPRING_APPLICATION_JSON'],
    );
  });
});

describe('containerCommand', () => {
  const container = (properties: Record<string, string>, appProperties: Record<string, string> = {}) =>
    containerCommand('/usr/bin/docker', 'org/app:1', { ...input, appProperties }, settings(properties), parent);

  it('runs attached under the name of the execution, with values in the environment only', () => {
    expect(container({}, { password: 'hidden' })).toEqual({
      argv: [
        '/usr/bin/docker',
        'run',
        '--name=ts-1',
        '--network=bridge',
        '--rm',
        '--label=millrace.execution-id=7',
        '--label=millrace.schema-target=boot3',
        '--label=millrace.instance-id=here',
        '--env=SPRING_APPLICATION_JSON',
        'org/app:1',
        '--user=1',
        '--spring.cloud.task.executionid=7',
      ],
      environment: {
        PATH: '/bin',
        HOME: '/home/x',
        DOCKER_HOST: 'tcp://d',
        SPRING_APPLICATION_JSON: '{"password":"hidden"}',
      },
    });
  });

  it.each<[Record<string, string>, string[]]>([
    [{ 'local.docker.network': 'host' }, ['--network=host', '--rm']],
    [{ 'local.docker.network': '' }, ['--rm']],
    [{ 'local.docker.deleteContainerOnExit': 'false' }, ['--network=bridge']],
    [
      { 'local.docker.port-mappings': '80:8080, 81:81' },
      ['--network=bridge', '--rm', '--publish=80:8080', '--publish=81:81'],
    ],
    [{ 'local.docker.volumeMounts': '/a:/b:ro' }, ['--network=bridge', '--rm', '--volume=/a:/b:ro']],
    [{ 'local.docker.additional-hosts[0]': 'db:10.0.0.1' }, ['--network=bridge', '--rm', '--add-host=db:10.0.0.1']],
    [{ memory: '1g', cpu: '1500m' }, ['--network=bridge', '--rm', '--memory=1024m', '--cpus=1.5']],
    [
      { 'local.debug-address': '*:5005' },
      ['--network=bridge', '--rm', '--env=JAVA_TOOL_OPTIONS', '--publish=5005:5005'],
    ],
  ])('%j', (properties, options) => {
    const { argv } = container(properties);
    const ours = (option: string) => /^--(name|label|env=SPRING)/.test(option);
    expect(argv.slice(2, argv.indexOf('org/app:1')).filter((option) => !ours(option))).toEqual(options);
  });

  it('publishes the web port under its own number', () => {
    expect(container({}, { 'server.port': '8081' }).argv).toContain('--publish=8081:8081');
    expect(container({}, { 'server.port': '0' }).argv.join(' ')).not.toContain('--publish');
  });
});

describe('containerState', () => {
  const record = { executionId: 7, instanceId: 'here' } as ExecutionRecord;
  const answer = (state: object, id = '7') =>
    JSON.stringify([
      { Config: { Labels: { 'millrace.execution-id': id, 'millrace.instance-id': 'here' } }, State: state },
    ]);
  it.each([
    [
      'running',
      answer({ Running: true, Status: 'running', ExitCode: 0 }),
      { running: true, exitCode: 0, endedAt: undefined },
    ],
    [
      'ended',
      answer({ Running: false, Status: 'exited', ExitCode: 3, FinishedAt: '2024-01-01T00:00:00Z' }),
      { running: false, exitCode: 3, endedAt: new Date('2024-01-01T00:00:00Z') },
    ],
    ['of another execution', answer({ Running: true }, '8'), undefined],
    ['of somebody else', '[{"Config":{"Labels":null},"State":{"Running":true}}]', undefined],
    ['not there', '[]', undefined],
  ])('%s', (_what, inspected, expected) => expect(containerState(inspected, record)).toEqual(expected));
});

describe('parseLocalAccount', () => {
  const prefix = 'spring.cloud.dataflow.task.platform.local.accounts.here.';
  const parse = (account: Parameters<typeof parseLocalAccount>[0], warnings: string[] = []) =>
    parseLocalAccount(account, { accountName: 'here', warn: (message) => warnings.push(message) });

  it('takes nested, listed and relaxed settings', () => {
    expect(
      parse({
        javaHomePath: { '2': '/jdk8', '3': '/jdk17' },
        'java-opts': '-Da -Db',
        env_vars_to_inherit: ['A', 'B.{1,2}'],
        docker: { 'port-range': { low: '1', high: '2' }, network: 'host' },
        'shutdown-timeout': '0',
      }),
    ).toMatchObject({
      javaHomePath: { '2': '/jdk8', '3': '/jdk17' },
      javaOpts: ['-Da', '-Db'],
      envVarsToInherit: ['A', 'B.{1,2}'],
      docker: { network: 'host', deleteContainerOnExit: true },
      shutdownTimeout: 0,
      maximumConcurrentTasks: 20,
    });
  });

  it.each<[Parameters<typeof parseLocalAccount>[0], string]>([
    [
      { 'shutdown-timeout': '-1' },
      `Property '${prefix}shutdown-timeout' has the value '-1'. It must be a whole number from 0 to 604800.`,
    ],
    [
      { deleteFilesOnExit: 'maybe' },
      `Property '${prefix}deleteFilesOnExit' has the value 'maybe'. It must be true or false.`,
    ],
    [{ 'env-vars-to-inherit': 'A,(' }, "It must be a list of regular expressions; '(' is none."],
    [
      { docker: { 'volume-mounts': '/a' } },
      "It must be a list of pairs with a colon, separated by commas; '/a' is none.",
    ],
    [{ 'debug-suspend': 'x' }, 'It must be y or n.'],
    [{ 'java-opts': '-Da="x' }, 'a " is not closed.'],
    [
      { 'port-range': { low: '10', high: '9' } },
      `'${prefix}port-range' has the value '10 to 9'. It must be a range whose low end is not above its high end.`,
    ],
    [{ 'env-vars-to-inherit': [{ a: 'b' }] }, 'It must be a list of plain values.'],
  ])('refuses %j', (account, message) => {
    expect(() => parse(account)).toThrow(UnusableSettingsError);
    expect(() => parse(account)).toThrow(message);
  });

  it('names the nearest setting for an unknown one', () => {
    const warnings: string[] = [];
    parse({ 'shutdown-timout': '3' }, warnings);
    expect(warnings).toEqual([
      `Property '${prefix}shutdown-timout' is unknown and without effect. Did you mean '${prefix}shutdown-timeout'?`,
    ]);
  });
});

describe('what SCDF shows of a Local account', () => {
  it('is the description line', () => {
    expect(describeLocalAccount(DEFAULT_LOCAL_SETTINGS, '/data/run')).toBe(
      'ShutdownTimeout = [30], EnvVarsToInherit = [TMP,LANG,LANGUAGE,LC_.*,PATH,SPRING_APPLICATION_JSON], JavaCmd = [java], WorkingDirectoriesRoot = [/data/run], DeleteFilesOnExit = [true]',
    );
  });

  it('is a list of options that a launch accepts', () => {
    expect(LOCAL_PLATFORM_OPTIONS).toHaveLength(25);
    const value: Record<string, string> = { 'java-home-path': '', 'app-admin': '', 'debug-suspend': 'n' };
    for (const { id, type, defaultValue } of LOCAL_PLATFORM_OPTIONS) {
      const name = id.replace('spring.cloud.deployer.local.', '');
      const example = type.endsWith('Integer') ? '5005' : 'a:b';
      const given = value[name] ?? (defaultValue === null ? example : JSON.stringify(defaultValue).replaceAll('"', ''));
      if (given !== '') expect(() => settings({ [id]: given })).not.toThrow();
    }
  });
});

describe('shebang', () => {
  it.each([
    ['#!/bin/sh\necho', ['/bin/sh']],
    ['#! /usr/bin/env python3 \n', ['/usr/bin/env', 'python3']],
    ['#!/usr/bin/env -S node --x\r\n', ['/usr/bin/env', '-S node --x']],
    ['#!\n/bin/sh', undefined],
    ['echo', undefined],
    ['', undefined],
  ])('%j', (head, expected) => expect(shebang(head)).toEqual(expected));
});
