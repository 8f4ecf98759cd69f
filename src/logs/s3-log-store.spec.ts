import { describe, expect, it } from '@jest/globals';
import type { S3Configuration } from '../configuration/configuration.js';
import { objectUrl } from './s3-log-store.js';

const SETTINGS: S3Configuration = {
  endpoint: 'https://s3.eu-west-1.amazonaws.com',
  region: 'eu-west-1',
  bucket: 'logs',
  prefix: '',
  accessKeyId: 'key',
  secretAccessKey: 'secret',
  pathStyle: true,
};

describe('objectUrl', () => {
  it.each<[Partial<S3Configuration>, string, string]>([
    [{}, 'a/boot2/1.log.gz', 'https://s3.eu-west-1.amazonaws.com/logs/a/boot2/1.log.gz'],
    [{ pathStyle: false }, 'a/1', 'https://logs.s3.eu-west-1.amazonaws.com/a/1'],
    [{ endpoint: 'http://store:9000/s3' }, 'a/1', 'http://store:9000/s3/logs/a/1'],
    [{ endpoint: 'http://store:9000/s3', pathStyle: false }, 'a/1', 'http://logs.store:9000/s3/a/1'],
    [{}, "it's (a)/1", "https://s3.eu-west-1.amazonaws.com/logs/it's%20(a)/1"],
  ])('%j %s', (settings, key, expected) => {
    expect(objectUrl({ ...SETTINGS, ...settings }, key).href).toBe(expected);
  });
});
