import { describe, expect, it } from '@jest/globals';
import type { AccountSettings } from '../../../configuration/configuration.js';
import { UnusableSettingsError } from '../../../configuration/unusable-settings.js';
import { proxyFor, readConnectionSettings } from './connection-settings.js';

const read = (fabric8: AccountSettings) => readConnectionSettings('prod', { fabric8 });

describe('readConnectionSettings', () => {
  it.each<[AccountSettings, object]>([
    [{}, { masterUrl: undefined, trustCerts: false, requestTimeout: 30_000, connectionTimeout: 10_000, noProxy: [] }],
    [{ masterUrl: 'https://api.example.org:6443/' }, { masterUrl: 'https://api.example.org:6443' }],
    [{ masterUrl: 'api.example.org' }, { masterUrl: 'https://api.example.org' }],
    [
      { trustCerts: 'TRUE', requestTimeout: '5000' },
      { trustCerts: true, requestTimeout: 5_000 },
    ],
    [{ requestTimeout: '0' }, { requestTimeout: 86_400_000 }],
    [{ noProxy: 'a.example.org, .b.example.org' }, { noProxy: ['a.example.org', '.b.example.org'] }],
    [{ noProxy: ['a', 'b'] }, { noProxy: ['a', 'b'] }],
    [{ oauthToken: ' ' }, { oauthToken: undefined }],
    [{ caCertData: 'LS0t' }, { ca: { file: undefined, data: 'LS0t' } }],
    [
      { caCertData: '-----BEGIN CERTIFICATE-----' },
      { ca: { file: undefined, data: Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64') } },
    ],
  ])('reads %j', (fabric8, expected) => {
    expect(read(fabric8)).toMatchObject(expected);
  });

  it.each<[AccountSettings, RegExp]>([
    [{ masterUrl: 'https://' }, /accounts\.prod\.fabric8\.master-url' has the value 'https:\/\/'\. It must be a URL/],
    [{ trustCerts: 'perhaps' }, /trust-certs' has the value 'perhaps'\. It must be true or false/],
    [{ requestTimeout: '10s' }, /request-timeout' has the value '10s'\. It must be a whole number of milliseconds/],
    [
      { httpsProxy: 'ftp://x' },
      /https-proxy' has a value that cannot be used\. It must be the URL of an HTTP or SOCKS proxy/,
    ],
    [{ oauthToken: ['a', 'b'] }, /oauth-token' has a value that cannot be used\. It must be a single value/],
    [{ keyStoreFile: '/x.jks' }, /key-store-file' has the value '\/x\.jks'\. It must be left out: Java key stores/],
  ])('refuses %j', (fabric8, message) => {
    expect(() => read(fabric8)).toThrow(UnusableSettingsError);
    expect(() => read(fabric8)).toThrow(message);
  });
});

describe('proxyFor', () => {
  const settings = read({
    httpProxy: 'proxy:3128',
    httpsProxy: 'http://secure:3128',
    noProxy: '10.0.0.1,.intra.example',
  });
  it.each([
    ['https://api.example.org', 'http://secure:3128'],
    ['http://api.example.org', 'http://proxy:3128'],
    ['https://10.0.0.1:6443', undefined],
    ['https://api.intra.example', undefined],
    ['https://notintra.example', 'http://secure:3128'],
  ])('%s goes through %p', (url, expected) => {
    expect(proxyFor(url, settings)).toBe(expected);
  });
});
