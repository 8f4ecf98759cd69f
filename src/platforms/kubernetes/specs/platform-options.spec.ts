import { describe, expect, it } from '@jest/globals';
import { readAccount } from './account.js';
import { KUBERNETES_PLATFORM_OPTIONS as options } from './platform-options.js';

describe('the options of Kubernetes accounts', () => {
  it('are the 163 that SCDF lists, each once', () => {
    expect(options).toHaveLength(163);
    expect(new Set(options.map(({ id }) => id)).size).toBe(163);
    expect(options.filter(({ id }) => /fabric8|maximum-concurrent-tasks/.test(id))).toEqual([]);
  });

  it.each([
    ['limits.memory', 'memory', 'java.lang.String', null],
    ['create-job', 'create-job', 'java.lang.Boolean', false],
    ['environment-variables', 'environment-variables', 'java.lang.String[]', []],
    ['liveness-http-probe-period', 'liveness-http-probe-period', 'java.lang.Integer', 60],
    ['stateful-set.volume-claim-template.storage', 'storage', 'java.lang.String', '10m'],
    ['app-admin', 'app-admin', 'org.springframework.cloud.deployer.spi.app.AppAdmin', null],
    ['volumes', 'volumes', 'java.util.List<io.fabric8.kubernetes.api.model.Volume>', null],
    [
      'tolerations',
      'tolerations',
      'java.util.List<org.springframework.cloud.deployer.spi.kubernetes.KubernetesDeployerProperties$Toleration>',
      null,
    ],
  ])('have %s', (name, short, type, defaultValue) => {
    const option = options.find(({ id }) => id === `spring.cloud.deployer.kubernetes.${name}`);
    expect(option).toMatchObject({ name: short, type, defaultValue });
  });

  it('name the types in full', () => {
    expect(options.filter(({ type }) => !/^(java|org\.springframework|io\.fabric8)\./.test(type))).toEqual([]);
  });

  it('are all known to accounts', () => {
    const known = options
      .map(({ id }) => id.slice('spring.cloud.deployer.kubernetes.'.length))
      // Fields of objects that are written as a whole.
      .filter((name) => !/^(pod-security-context|container-security-context|init-container|app-admin)/.test(name));
    const warnings = known.flatMap((name) => {
      const tree = name.split('.').reduceRight<unknown>((value, key) => ({ [key]: value }), '');
      return readAccount('dev', tree as never).warnings;
    });
    expect(warnings).toEqual([]);
  });
});
