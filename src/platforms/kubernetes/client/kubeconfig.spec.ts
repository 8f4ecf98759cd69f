import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { AccountSettings } from '../../../configuration/configuration.js';
import { readConnectionSettings } from './connection-settings.js';
import { findCluster } from './kubeconfig.js';

const kubeconfig = (name: string, server: string) => `
apiVersion: v1
kind: Config
current-context: ${name}
clusters: [{name: ${name}, cluster: {server: '${server}', certificate-authority-data: Y2E=}}]
users: [{name: ${name}, user: {token: token-of-${name}}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}, namespace: space-of-${name}}}]
`;

describe('findCluster', () => {
  let directory: string;
  let files: string[];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-kubeconfig-'));
    files = ['one', 'two'].map((name) => join(directory, name));
    await writeFile(files[0] ?? '', kubeconfig('one', 'https://one.example.org/'));
    await writeFile(files[1] ?? '', kubeconfig('two', 'https://two.example.org'));
  });
  afterAll(async () => rm(directory, { recursive: true, force: true }));

  const find = (fabric8: AccountSettings, environment: Record<string, string>) => {
    const { config, ...access } = findCluster(readConnectionSettings('prod', { fabric8 }), environment);
    return { ...access, cluster: config.getCurrentCluster(), user: config.getCurrentUser() };
  };
  const both = () => ({ KUBECONFIG: files.join(delimiter) });

  it('takes the current context of the first file', () => {
    expect(find({}, both())).toMatchObject({
      serverUrl: 'https://one.example.org',
      namespace: 'space-of-one',
      user: { token: 'token-of-one' },
      cluster: { caData: 'Y2E=', skipTLSVerify: false },
    });
  });

  it('takes the context that the account names, from any file', () => {
    expect(find({ currentContext: 'two' }, both())).toMatchObject({
      serverUrl: 'https://two.example.org',
      user: { token: 'token-of-two' },
    });
  });

  it('lets a master URL with credentials stand alone', () => {
    const found = find({ masterUrl: 'https://three.example.org', oauthToken: 'mine', trustCerts: 'true' }, both());
    expect(found).toMatchObject({
      serverUrl: 'https://three.example.org',
      user: { token: 'mine' },
      cluster: { skipTLSVerify: true },
    });
    expect(found.cluster?.caData).toBeUndefined();
  });

  it('takes what the account does not say from the context', () => {
    expect(find({ masterUrl: 'https://three.example.org', namespace: 'batch' }, both())).toMatchObject({
      serverUrl: 'https://three.example.org',
      namespace: 'batch',
      user: { token: 'token-of-one' },
      cluster: { caData: 'Y2E=' },
    });
  });

  it('takes plain HTTP for a local proxy', () => {
    expect(find({ masterUrl: 'http://127.0.0.1:8001' }, {})).toMatchObject({ cluster: { skipTLSVerify: true } });
  });

  it('sends requests through the proxy that the account names', () => {
    const fabric8 = { masterUrl: 'https://three.example.org', httpsProxy: 'http://proxy:3128' };
    expect(find(fabric8, {})).toMatchObject({ cluster: { proxyUrl: 'http://proxy:3128' } });
  });

  it.each<[string, AccountSettings, () => Record<string, string>, RegExp]>([
    ['no cluster at all', {}, () => ({}), /no API server is named: set fabric8\.master-url or KUBECONFIG/],
    ['a file that is not there', {}, () => ({ KUBECONFIG: '/no/such/file' }), /there is no file '\/no\/such\/file'/],
    ['an unknown context', { currentContext: 'x' }, both, /has no context 'x'\. It has 'one', 'two'/],
  ])('says what is wrong with %s', (_, fabric8, environment, message) => {
    expect(() => find(fabric8, environment())).toThrow(message);
  });
});
