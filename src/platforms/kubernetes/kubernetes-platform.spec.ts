import { describe, expect, it } from '@jest/globals';
import { launch } from '../../../test/support/kubernetes-launch.js';
import { KubernetesPlatform } from './kubernetes-platform.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('before there is an execution', () => {
  const platform = new KubernetesPlatform({
    accountName: 'dev',
    settings: { namespace: 'batch', fabric8: { masterUrl: 'https://127.0.0.1:9' } },
    instanceId: 'installation',
    environment: {},
    logger: silent,
  });
  const validate = (property: string, value: string) => () =>
    platform.validate({ ...launch, deploymentProperties: { [`kubernetes.${property}`]: value } });

  it('a launch may name containers as it likes', () => {
    expect(validate('additionalContainers', '[{name: name, image: b}, {name: name-to-come, image: b}]')).not.toThrow();
  });

  it('a refusal does not show the name that stands for that of the execution', () => {
    expect(validate('volumeMounts', '[{name: v, mountPath: /x}]')).toThrow(
      /^The task's container mounts the volume 'v'/,
    );
    expect(validate('volumeMounts', '[{name: v, mountPath: /x}, {name: w, mountPath: /x}]')).not.toThrow(
      /name\.to\.come/,
    );
  });
});
