import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfiguration } from './load-configuration.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-sources-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function files(contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

async function load(environment: Record<string, string> = {}, ...args: string[]) {
  return loadConfiguration({ environment, arguments: args, workingDirectory: directory });
}

/** The port tells which source won. */
async function port(
  contents: Readonly<Record<string, string>>,
  environment: Record<string, string> = {},
  ...args: string[]
) {
  await files(contents);
  return (await load(environment, ...args)).configuration.server.port;
}

const yaml = (number: number) => `server: {port: ${number}}\n`;
const properties = (number: number) => `server.port=${number}\n`;

describe('precedence', () => {
  const EVERYTHING = {
    'application.yaml': yaml(1),
    'application.properties': properties(2),
    'config/application.yml': yaml(3),
    'config/x/application.yaml': yaml(4),
    'application-prod.yaml': yaml(5),
    'config/application-prod.yaml': yaml(6),
  };
  const SOURCES = {
    SERVER_PORT: '8',
    SPRING_APPLICATION_JSON: '{"server": {"port": 9}}',
    SPRING_PROFILES_ACTIVE: 'prod',
  };

  it.each<[string, string[], Record<string, string>, string[], number]>([
    ['YAML', ['application.yaml'], {}, [], 1],
    ['properties over YAML', ['application.yaml', 'application.properties'], {}, [], 2],
    ['config/ over ./', ['application.properties', 'config/application.yml'], {}, [], 3],
    ['config/*/ over config/', ['config/application.yml', 'config/x/application.yaml'], {}, [], 4],
    [
      'profile over all without',
      ['config/x/application.yaml', 'application-prod.yaml'],
      { SPRING_PROFILES_ACTIVE: 'prod' },
      [],
      5,
    ],
    ['no profile', ['application-prod.yaml', 'application.yaml'], {}, [], 1],
    ['environment over files', Object.keys(EVERYTHING), { SERVER_PORT: '8', SPRING_PROFILES_ACTIVE: 'prod' }, [], 8],
    ['JSON over environment', Object.keys(EVERYTHING), SOURCES, [], 9],
    ['arguments over all', Object.keys(EVERYTHING), SOURCES, ['--server.port=10'], 10],
    ['JSON as an argument', [], {}, ['--spring.application.json={"server.port": 11}'], 11],
  ])('%s', async (_name, paths, environment, args, expected) => {
    const contents = Object.fromEntries(Object.entries(EVERYTHING).filter(([path]) => paths.includes(path)));
    expect(await port(contents, environment, ...args)).toBe(expected);
  });
});

describe('locations', () => {
  it.each([
    ['location replaces', { SPRING_CONFIG_LOCATION: 'file:./other/' }, 2],
    ['location as a file', { SPRING_CONFIG_LOCATION: './other/application.yaml' }, 2],
    ['additional location is above', { SPRING_CONFIG_ADDITIONAL_LOCATION: 'other/' }, 2],
    ['the last of several', { SPRING_CONFIG_ADDITIONAL_LOCATION: 'other/,more/special.yaml' }, 3],
    [
      'profiles first within a group',
      { SPRING_CONFIG_LOCATION: 'profiled/;other/', SPRING_PROFILES_ACTIVE: 'prod' },
      4,
    ],
    [
      'location by location otherwise',
      { SPRING_CONFIG_LOCATION: 'profiled/,other/', SPRING_PROFILES_ACTIVE: 'prod' },
      2,
    ],
    ['another name', { SPRING_CONFIG_NAME: 'server' }, 5],
    ['a stated form', { SPRING_CONFIG_LOCATION: 'file:plain[.yaml]' }, 6],
    ['optional and missing', { SPRING_CONFIG_LOCATION: 'optional:missing/,optional:file:./no.yaml,classpath:/' }, 9393],
    ['a placeholder', { SPRING_CONFIG_LOCATION: '${WHERE}/', WHERE: 'other' }, 2],
    ['profile variant of a file', { SPRING_CONFIG_LOCATION: 'more/special.yaml', SPRING_PROFILES_ACTIVE: 'prod' }, 7],
  ])('%s', async (_name, environment, expected) => {
    const contents = {
      'application.yaml': yaml(1),
      'other/application.yaml': yaml(2),
      'more/special.yaml': yaml(3),
      'more/special-prod.yaml': yaml(7),
      'profiled/application-prod.yaml': yaml(4),
      'server.properties': properties(5),
      plain: yaml(6),
    };
    expect(await port(contents, environment as Record<string, string>)).toBe(expected);
  });

  it.each([
    [
      'a directory',
      { SPRING_CONFIG_LOCATION: 'missing/' },
      'spring.config.location',
      'the location «missing/» does not exist; write «optional:missing/» if it need not',
    ],
    [
      'a file',
      { SPRING_CONFIG_ADDITIONAL_LOCATION: 'file:no.yaml' },
      'spring.config.location',
      'the location «file:no.yaml» does not exist; write «optional:file:no.yaml» if it need not',
    ],
    [
      'an import',
      { SPRING_CONFIG_IMPORT: 'configtree:missing/' },
      'spring.config.import',
      'the location «configtree:missing/» does not exist; write «optional:configtree:missing/» if it need not',
    ],
    [
      'a form',
      { SPRING_CONFIG_LOCATION: 'plain' },
      'spring.config.location',
      '«plain» must end with one of .yaml, .yml, .properties, or state its form: «plain[.yaml]»',
    ],
  ])('reports %s that is not there or cannot be read', async (_name, environment, origin, message) => {
    await files({ plain: 'x' });
    await expect(load(environment as Record<string, string>)).rejects.toThrow(
      `The configuration has a problem:\n\n  ${origin}\n    ${message}`,
    );
  });

  it('reports a broken file with its line, and JSON without showing it', async () => {
    await files({ 'application.yaml': 'server:\n  port: 1\n port: 2\n' });
    const failure = load({ SPRING_APPLICATION_JSON: '{"password": geheim}' });
    await expect(failure).rejects.toThrow(/ {2}file application\.yaml\n {4}line 3: /);
    await expect(failure).rejects.toThrow(/ {2}SPRING_APPLICATION_JSON\n {4}it is not valid JSON/);
    await expect(failure).rejects.not.toThrow(/geheim/);
  });

  (process.getuid?.() === 0 ? it.skip : it)('reports a file that may not be read', async () => {
    await files({ 'application.yaml': yaml(1) });
    await chmod(join(directory, 'application.yaml'), 0o000);
    await expect(load()).rejects.toThrow(/file application\.yaml\n {4}it cannot be read: EACCES/);
  });
});

describe('imports', () => {
  it('are above the file that imports them, relative to it, and read once', async () => {
    const contents = {
      'config/application.yaml':
        'spring.config.import: [more/one.yaml, "optional:no.yaml", "configtree:tree/"]\nserver.port: 1\n',
      'config/more/one.yaml': 'spring.config.import: ../application.yaml,two.properties\nserver.port: 2\n',
      'config/more/two.properties': 'server.port=3\n',
      'tree/spring/datasource/username': 'scdf\n',
      'tree/spring.datasource.password': 'a\nb\n',
    };
    expect(await port(contents)).toBe(3);
    const { configuration } = await load();
    expect(configuration.datasource).toMatchObject({ username: 'scdf', password: 'a\nb' });
  });

  it('of the environment are above files', async () => {
    const contents = { 'application.yaml': yaml(1), 'x/one.yaml': yaml(2), 'trees/a/server.port': '3\n' };
    expect(await port(contents, { SPRING_CONFIG_IMPORT: 'file:x/one.yaml' })).toBe(2);
    expect(await port(contents, { SPRING_CONFIG_IMPORT: 'file:x/one.yaml,configtree:trees/*/' })).toBe(3);
  });

  it('of other kinds are ignored with a warning', async () => {
    const { warnings } = await load({ SPRING_CONFIG_IMPORT: 'optional:configserver:http://x' });
    expect(warnings).toEqual([
      'spring.config.import: «optional:configserver:http://x» is ignored: only files and config trees are read',
    ]);
  });
});

describe('profiles', () => {
  const DOCUMENTS = [
    'server.port: 1',
    'spring.config.activate.on-profile: "!prod"\nserver.port: 2',
    'spring.config.activate.on-profile: prod & kubernetes\nserver.port: 3',
    'spring.config.activate.on-profile: [eu, us]\nserver.port: 4',
    'spring.config.activate.on-cloud-platform: kubernetes\nspring.config.activate.on-profile: plain\nserver.port: 5',
    'spring.profiles: old\nserver.port: 6',
  ].join('\n---\n');

  it.each([
    [{}, ['local'], 2],
    [{ SPRING_PROFILES_ACTIVE: 'prod' }, ['local', 'prod'], 1],
    [{ SPRING_PROFILES_ACTIVE: 'prod', KUBERNETES_SERVICE_HOST: '10.0.0.1' }, ['kubernetes', 'prod'], 3],
    [{ SPRING_PROFILES_ACTIVE: 'prod,us' }, ['local', 'prod', 'us'], 4],
    [{ SPRING_PROFILES_ACTIVE: 'prod', SPRING_PROFILES_INCLUDE: 'eu' }, ['local', 'eu', 'prod'], 4],
    [{ SPRING_PROFILES_ACTIVE: 'plain' }, ['local', 'plain'], 2],
    [{ SPRING_PROFILES_ACTIVE: 'plain', KUBERNETES_SERVICE_HOST: '10.0.0.1' }, ['kubernetes', 'plain'], 5],
    [{ SPRING_PROFILES_ACTIVE: 'old' }, ['local', 'old'], 6],
    [
      { SPRING_PROFILES_ACTIVE: 'team', SPRING_APPLICATION_JSON: '{"spring.profiles.group.team": "us,old"}' },
      ['local', 'team', 'us', 'old'],
      6,
    ],
    [{ SPRING_CLOUD_DATAFLOW_SERVER_PROFILEAPPLICATIONLISTENER_IGNORE: 'true' }, [], 2],
  ])('%j', async (environment, profiles, expected) => {
    await files({ 'application.yaml': DOCUMENTS });
    const loaded = await load(environment);
    expect(loaded.profiles).toEqual(profiles);
    expect(loaded.configuration.profiles).toEqual(profiles);
    expect(loaded.configuration.server.port).toBe(expected);
  });

  it('of files count if none are set outside', async () => {
    await files({
      'application.properties': 'spring.profiles.active=prod\nserver.port=1',
      'application-prod.yaml': yaml(2),
      'application-dev.yaml': yaml(3),
    });
    expect((await load()).configuration.server.port).toBe(2);
    expect((await load({}, '--spring.profiles.active=dev')).configuration.server.port).toBe(3);
  });

  it('that are malformed stop the start', async () => {
    await files({ 'application.yaml': 'spring.config.activate.on-profile: "a & b | c"\n' });
    await expect(load()).rejects.toThrow(/file application\.yaml\n {4}«a & b \| c» is no profile expression/);
  });
});

describe('mounted Secrets and ConfigMaps', () => {
  const inCluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1', SPRING_CLOUD_KUBERNETES_SECRETS_PATHS: 'secrets' };

  it('are read with profile kubernetes, below environment variables and above files', async () => {
    await files({ 'secrets/a/server.port': '2\n', 'application.yaml': yaml(1) });
    expect(await port({}, inCluster)).toBe(2);
    expect(await port({}, { ...inCluster, SERVER_PORT: '3' })).toBe(3);
    expect(await port({}, { ...inCluster, SPRING_CLOUD_KUBERNETES_SECRETS_ENABLED: 'false' })).toBe(1);
    expect(await port({}, { ...inCluster, SPRING_PROFILES_ACTIVE: 'local', KUBERNETES_SERVICE_HOST: '' })).toBe(1);
  });

  it('may hold a pull secret, as links of a Kubernetes volume', async () => {
    await files({ 'secrets/pull/..data_1/.dockerconfigjson': '{"auths": {}}' });
    await symlink('..data_1', join(directory, 'secrets/pull/..data'));
    await symlink('..data/.dockerconfigjson', join(directory, 'secrets/pull/.dockerconfigjson'));
    await symlink('..data/gone', join(directory, 'secrets/pull/gone'));
    expect((await load(inCluster)).configuration.container.dockerConfigJson).toBe('{"auths": {}}');
  });

  it('are warned about if they are not there', async () => {
    await files({ 'map/application.yaml': yaml(7) });
    const paths = { SPRING_CLOUD_KUBERNETES_CONFIG_PATHS: 'map/application.yaml,map/no.yaml' };
    const { configuration, warnings } = await load({ ...inCluster, ...paths });
    expect(configuration.server.port).toBe(7);
    expect(warnings).toEqual([
      `spring.cloud.kubernetes.secrets.paths: ${join(directory, 'secrets')} does not exist or cannot be read`,
      `spring.cloud.kubernetes.config.paths: there is no file ${join(directory, 'map/no.yaml')}`,
    ]);
  });
});

describe('placeholders', () => {
  it.each([
    ['a variable that names no property', { DB_PORT: '7' }, 'server.port: ${DB_PORT}', 7],
    ['a variable under its property name', { DB_PORT: '7' }, 'db.port: 1\nserver.port: ${db.port}', 7],
    ['a property of the file', {}, 'db.port: 5\nserver.port: ${db.port}', 5],
    ['a property in another spelling', {}, 'dbPort: 5\nserver.port: ${db-port}', 5],
    ['a default of ours', {}, 'management.endpoints.web.base-path: /${server.port}', 9393],
    ['a variable that looks like a key of the file', { PORT: '7' }, 'port: 1\nserver.port: ${PORT}', 7],
  ])('take %s', async (_name, environment, content, expected) => {
    expect(await port({ 'application.yaml': content }, environment as Record<string, string>)).toBe(expected);
  });

  it('take an argument before the environment', async () => {
    const contents = { 'application.yaml': 'server.port: ${db.port}' };
    expect(await port(contents, { DB_PORT: '7' }, '--db.port=8')).toBe(8);
  });
});
