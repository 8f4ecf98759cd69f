import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../configuration/load-configuration.js';
import { UnusableSettingsError } from '../../../configuration/unusable-settings.js';
import { readAccount } from './account.js';

describe('an account', () => {
  it('without settings has the defaults', () => {
    expect(readAccount('dev', {})).toMatchObject({
      ...{ name: 'dev', namespace: 'default', hasNamespace: false },
      ...{ maximumConcurrentTasks: 20, createJob: false, warnings: [] },
    });
  });

  it('has what is set', () => {
    const settings = { namespace: 'batch', 'maximum-concurrent-tasks': '0', 'create-job': 'true' };
    expect(readAccount('dev', settings)).toMatchObject({
      ...{ namespace: 'batch', hasNamespace: true, maximumConcurrentTasks: 0, createJob: true },
    });
    expect(readAccount('dev', { fabric8: { namespace: 'x' } })).toMatchObject({ namespace: 'x', hasNamespace: true });
  });

  it('tells everything that is wrong at once, in full, and no secret', () => {
    const settings = {
      limits: { memory: '1GB' },
      'restart-policy': 'Sometimes',
      'environment-variables': ['A=1', 'hunter2'],
      volumes: [{ name: 'v', fooDisk: { a: 'b' } }],
    };
    const prefix = 'spring.cloud.dataflow.task.platform.kubernetes.accounts.dev.';
    const message = (() => {
      try {
        readAccount('dev', settings);
        return '';
      } catch (error) {
        expect(error).toBeInstanceOf(UnusableSettingsError);
        return (error as Error).message;
      }
    })();
    expect(message.split('\n')).toEqual([
      expect.stringContaining(`'${prefix}limits.memory' has the value '1GB'. It must be a Kubernetes quantity`),
      expect.stringContaining(`'${prefix}restart-policy' has the value 'Sometimes'. It must be one of Always`),
      expect.stringContaining(`'${prefix}environment-variables' has a value that cannot be used`),
      expect.stringContaining("'fooDisk' in [0] is none"),
    ]);
    expect(message).not.toContain('hunter2');
  });

  it('warns of names that nobody knows, and says nothing of those of the client and of streams', () => {
    const settings = { limts: { memory: '1Gi' }, fabric8: { masterUrl: 'x' }, 'create-load-balancer': 'true' };
    expect(readAccount('dev', settings).warnings).toEqual([
      expect.stringMatching(
        /accounts\.dev\.limts\.memory' is unknown .* Did you mean '.*accounts\.dev\.limits\.memory'\?$/,
      ),
    ]);
  });

  it('is read from the configuration, structured or from the environment', async () => {
    const { configuration } = await loadConfiguration({
      environment: {
        SPRING_APPLICATION_JSON: JSON.stringify({
          'spring.cloud.dataflow.task.platform.kubernetes.accounts': {
            dev: {
              volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } }],
              podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 't' }] },
              appAdmin: { user: 'u', password: 'p' },
            },
          },
        }),
        SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_IMAGE_PULL_POLICY: 'Never',
        SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_LIMITS_MEMORY: '2Gi',
      },
      arguments: [],
      workingDirectory: '/nowhere',
    });
    expect(readAccount('dev', configuration.platforms.kubernetes['dev']!)).toMatchObject({
      warnings: [],
      defaults: {
        volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } }],
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 't' }] },
        appAdminUser: 'u',
        appAdminPassword: 'p',
        imagePullPolicy: 'Never',
        limits: { memory: '2Gi' },
      },
    });
  });
});
