import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { yamlLoader } from '../../../test/support/load-yaml.js';

const files = yamlLoader();
const { load } = files;

describe('Millrace', () => {
  it('has an absolute data directory', async () => {
    expect(
      (await load('millrace: {data-dir: data, instance-id: a-1, launch: {queue: on}}')).configuration.millrace,
    ).toEqual({
      dataDir: join(files.directory, 'data'),
      instanceId: 'a-1',
      launchQueue: true,
      launchRetryFor: 600_000,
      followUpInterval: 15_000,
      followUpLostAfter: 3_600_000,
    });
    expect((await load('', { MILLRACE_DATA_DIR: '/x' })).configuration.millrace.dataDir).toBe('/x');
  });

  it('refuses a follow-up without pause', async () => {
    const yaml = 'millrace.follow-up: {interval: 15, lost-after: 0}';
    await expect(load(yaml)).rejects.toThrow(/interval\n.*\n.*\n {4}allowed: at least 1s[^]*lost-after/);
  });

  it('wants an instance id that can be a label', async () => {
    await expect(load('millrace.instance-id: "a b"')).rejects.toThrow(
      /found: {3}"a b"\n {4}allowed: at most 63 letters/,
    );
  });
});

describe('Kubernetes', () => {
  const options = async (yaml: string) => (await load(yaml)).configuration.kubernetes;

  it('has bounds and a Secret of its own without any setting', async () => {
    expect(await options('')).toEqual({
      imageTimeout: 120_000,
      containerTimeout: 120_000,
      schedulingTimeout: 3_600_000,
      stopTimeout: 30_000,
      relistInterval: 300_000,
      requestsInFlight: 48,
      dataSource: { way: 'secret' },
    });
  });

  it('takes other bounds', async () => {
    const yaml = 'millrace.kubernetes: {image-timeout: 30s, scheduling-timeout: PT2H, requests-in-flight: 4}';
    expect(await options(yaml)).toMatchObject({
      imageTimeout: 30_000,
      schedulingTimeout: 7_200_000,
      requestsInFlight: 4,
    });
  });

  const SCDF = 'spring.cloud.dataflow.task.use-kubernetes-secrets-for-db-credentials: true';

  it.each([
    ['data-source: properties', '', { way: 'properties' }],
    ['data-source-secret: db', '', { way: 'existing-secret', secretName: 'db' }],
    ['{data-source: EXISTING_SECRET, data-source-secret: a.b-c}', '', { way: 'existing-secret', secretName: 'a.b-c' }],
    ['{}', SCDF, { way: 'properties' }],
    ['data-source: secret', SCDF, { way: 'secret' }],
  ])('hands over the data source as %s says, %s', async (yaml, other, expected) => {
    const settings = yaml.startsWith('{') ? yaml : `{${yaml}}`;
    expect((await options(`millrace.kubernetes: ${settings}\n${other}`)).dataSource).toEqual(expected);
  });

  it.each([
    ['image-timeout: 0', '', /image-timeout\n.*\n.*\n {4}allowed: at least 1s/],
    ['scheduling-timeout: soon', '', /scheduling-timeout\n.*\n.*\n {4}allowed: a duration/],
    ['relist-interval: 5', '', /relist-interval\n.*\n.*\n {4}allowed: at least 10s/],
    ['requests-in-flight: 0', '', /requests-in-flight\n.*\n.*\n {4}allowed: a whole number from 1 to 1000/],
    ['data-source: config-map', '', /data-source\n.*\n.*\n {4}allowed: one of secret, existing-secret, properties/],
    ['data-source: existing-secret', '', /data-source-secret\n.*not set\n {4}allowed: the name of a Secret/],
    ['data-source-secret: "A b"', '', /data-source-secret\n.*\n.*\n {4}allowed: the name of a Secret/],
    ['data-source: properties, data-source-secret: db', '', /data-source-secret\n.*\n.*\n {4}allowed: left out/],
    ['data-source-secret: db', SCDF, /allowed: secret or properties, since .*use-kubernetes-secrets/],
  ])('refuses %s', async (yaml, other, message) => {
    await expect(load(`millrace.kubernetes: {${yaml}}\n${other}`)).rejects.toThrow(message);
  });
});

describe('logs', () => {
  const S3 = 'archive: s3, s3: {bucket: a-logs, access-key-id: AKIA1, secret-access-key: geheim';

  it('are kept in the database without any setting', async () => {
    const { configuration } = await load('');
    expect(configuration.logs).toEqual({
      archive: 'database',
      maxSize: 1024 ** 2,
      maxFollowers: 200,
      s3: undefined,
    });
  });

  it('can be kept in a bucket', async () => {
    const { logs } = (await load(`millrace.logs: {max-size: 64KB, ${S3}, region: eu-west-1, prefix: /a/b/}}`))
      .configuration;
    expect(logs).toMatchObject({ archive: 's3', maxSize: 65536 });
    expect(logs.s3).toEqual({
      endpoint: 'https://s3.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      bucket: 'a-logs',
      prefix: 'a/b/',
      accessKeyId: 'AKIA1',
      secretAccessKey: 'geheim',
      pathStyle: true,
    });
  });

  it.each([
    ['{max-size: 10}', /max-size\n.*\n.*\n {4}allowed: a size from 1KB to 64MB/],
    ['{archive: disk}', /archive\n.*\n.*\n {4}allowed: one of database, s3, none/],
    ['{archive: s3}', /bucket\n {4}source: {2}not set\n {4}allowed: the name of a bucket/],
    ['{s3: {bucket: abc}}', /access-key-id\n[^]*secret-access-key\n/],
    [`{${S3}, prefix: a//b}}`, /prefix\n.*\n.*\n {4}allowed: letters/],
    [`{${S3}, prefix: ../b}}`, /prefix\n/],
    [`{${S3}, region: "x y"}}`, /region\n/],
    ['{s3: {bucket: "A b", access-key-id: x, secret-access-key: x}}', /bucket\n.*\n.*\n {4}allowed: 3 to 63/],
  ])('refuses %s', async (yaml, message) => {
    await expect(load(`millrace.logs: ${yaml}`)).rejects.toThrow(message);
  });

  it('never shows the keys of a bucket', async () => {
    const yaml = 'millrace.logs.s3: {access-key-id: "AKIA1${NO}", secret-access-key: "geheim${NO}", bucket: abc}';
    const error: unknown = await load(yaml).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/found: {3}\*{6}/);
    expect(String(error)).not.toMatch(/AKIA1|geheim/);
  });
});
