import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../configuration/load-configuration.js';
import { ConfigurationError } from '../configuration/problems.js';
import { unusableAccountSettings } from './unusable-account-settings.js';

const ACCOUNTS = 'spring.cloud.dataflow.task.platform';

async function refusal(properties: Readonly<Record<string, unknown>>, ...args: string[]): Promise<string> {
  const error: unknown = await loadConfiguration({
    environment: { SPRING_APPLICATION_JSON: JSON.stringify(properties) },
    arguments: args,
    workingDirectory: '/nowhere',
    check: unusableAccountSettings,
  }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).message;
}

describe('settings of accounts that cannot be used', () => {
  it('are told in one block with all else that is wrong, each with its source', async () => {
    const message = await refusal(
      {
        [`${ACCOUNTS}.kubernetes.accounts`]: {
          dev: { namespace: 'Bad_NS!', limits: { memory: 'much' }, fabric8: { trustCerts: 'perhaps' } },
          prod: { volumes: [{ name: 'v', fooDisk: {} }] },
        },
        [`${ACCOUNTS}.local.accounts.default.delete-files-on-exit`]: 'maybe',
      },
      '--server.port=99999',
      `--${ACCOUNTS}.local.accounts.default.shutdownTimeout=soon`,
    );
    const json = 'source:  SPRING_APPLICATION_JSON, line 1';
    const told = message.split('\n\n').map((block) => block.split('\n').map((line) => line.trim()));
    expect(told).toEqual([
      ['The configuration has 7 problems:'],
      ['server.port', 'source:  argument --server.port', 'found:   "99999"', expect.stringContaining('allowed: ')],
      [
        `${ACCOUNTS}.local.accounts.default.shutdown-timeout`,
        `source:  argument --${ACCOUNTS}.local.accounts.default.shutdownTimeout`,
        ...['found:   "soon"', 'allowed: a whole number from 0 to 604800'],
      ],
      [
        `${ACCOUNTS}.local.accounts.default.delete-files-on-exit`,
        ...[json, 'found:   "maybe"', 'allowed: true or false'],
      ],
      [
        `${ACCOUNTS}.kubernetes.accounts.dev.namespace`,
        ...[json, 'found:   "Bad_NS!"', expect.stringMatching(/^allowed: made of at most 63 lower-case letters/)],
      ],
      [
        `${ACCOUNTS}.kubernetes.accounts.dev.limits.memory`,
        ...[json, 'found:   "much"', expect.stringMatching(/^allowed: a Kubernetes quantity/)],
      ],
      [
        `${ACCOUNTS}.kubernetes.accounts.dev.fabric8.trust-certs`,
        ...[json, 'found:   "perhaps"', 'allowed: true or false'],
      ],
      [
        `${ACCOUNTS}.kubernetes.accounts.prod.volumes`,
        ...[json, expect.stringContaining('fooDisk'), expect.stringContaining("'fooDisk' in [0] is none")],
      ],
    ]);
  });

  it('show no secret', async () => {
    const message = await refusal({
      [`${ACCOUNTS}.kubernetes.accounts.dev`]: {
        'environment-variables': ['A=1', 'hunter2'],
        fabric8: { httpsProxy: 'ftp://user:hunter2@proxy' },
      },
    });
    expect(message).toContain('accounts.dev.environment-variables');
    expect(message).toContain('accounts.dev.fabric8.https-proxy');
    expect(message).not.toContain('hunter2');
  });

  it('are two accounts of one name on two platforms, since a launch names its account by the name alone', async () => {
    const message = await refusal({
      [`${ACCOUNTS}.kubernetes.accounts.batch.namespace`]: 'batch',
      [`${ACCOUNTS}.local.accounts.batch.shutdown-timeout`]: '3',
    });
    expect(message.split('\n').map((line) => line.trim())).toEqual([
      ...['The configuration has a problem:', '', `${ACCOUNTS}.kubernetes.accounts.batch`],
      'source:  SPRING_APPLICATION_JSON, line 1',
      "allowed: an account with a name of its own; an account of the Local platform is named 'batch' too",
    ]);
  });

  it('are none where all are in order, or where an account says nothing', async () => {
    const { configuration } = await loadConfiguration({
      environment: { SPRING_APPLICATION_JSON: `{"${ACCOUNTS}.kubernetes.accounts.dev.limits.memory":"1Gi"}` },
      arguments: [],
      workingDirectory: '/nowhere',
      check: unusableAccountSettings,
    });
    expect(Object.keys(configuration.platforms.local)).toEqual(['default']);
    expect(await unusableAccountSettings(configuration)).toEqual([]);
  });
});
