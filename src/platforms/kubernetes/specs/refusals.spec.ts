import { describe, expect, it } from '@jest/globals';
import { make } from '../../../../test/support/kubernetes-launch.js';
import { InvalidLaunchRequestError } from '../../platform.js';

describe('what a launch refuses', () => {
  it.each<[Record<string, string>, string]>([
    [{ 'kubernetes.limts.memory': '1Gi' }, "Did you mean 'kubernetes.limits.memory'?"],
    [{ 'kubernetes.namespace': 'other' }, 'belongs to the platform account'],
    [{ 'kubernetes.fabric8.masterUrl': 'https://x' }, 'belongs to the platform account'],
    [
      { 'kubernetes.limits.memory': '1GB' },
      "'kubernetes.limits.memory' has the value '1GB'. It must be a Kubernetes quantity",
    ],
    [
      { 'spring.cloud.deployer.kubernetes.limits.cpu': 'x' },
      "'spring.cloud.deployer.kubernetes.limits.cpu' has the value",
    ],
    [{ memory: 'much' }, "'memory' has the value 'much'"],
    [{ group: 'a b' }, "'group' has the value 'a b'"],
    [{ 'kubernetes.volumes': '[{name: v}, {name: v}]' }, "the volume 'v' more than once"],
    [{ 'kubernetes.volumeMounts': '[{name: v, mountPath: /x}]' }, "The task's container mounts the volume 'v'"],
    [
      { 'kubernetes.additionalContainers': '[{name: s, image: b, volumeMounts: [{name: v, mountPath: /x}]}]' },
      "The container 's' mounts the volume 'v'",
    ],
    [{ 'kubernetes.additionalContainers': '[{name: S, image: b}]' }, "a container 'S'"],
    [{ 'kubernetes.additionalContainers': '[{name: s}]' }, "the container 's' has no image"],
    [{ 'kubernetes.additionalContainers': '[{name: nightly-0123456789abc, image: b}]' }, 'more than once'],
    [{ 'kubernetes.createJob': 'true', 'kubernetes.restartPolicy': 'Always' }, 'Never or OnFailure for a job'],
    [{ 'kubernetes.createJob': 'true', 'kubernetes.completionMode': 'Indexed' }, 'needs kubernetes.completions'],
    [{ 'kubernetes.imagePullSecrets[1]': 's' }, 'a list with a gap'],
    [{ 'kubernetes.probeType': 'TCP' }, 'kubernetes.livenessTcpProbePort'],
    [{ 'kubernetes.secretKeyRefs': '[{envVarName: A, secretName: S!, dataKey: k}]' }, 'such that the name is'],
    [{ 'kubernetes.limits.gpuVendor': 'a/b', 'kubernetes.limits.gpuCount': '1' }, 'kubernetes.limits.gpuVendor'],
  ])('%j', (properties, message) => {
    expect(() => make({ properties })).toThrow(InvalidLaunchRequestError);
    expect(() => make({ properties })).toThrow(message);
  });

  it.each<[Record<string, string>]>([
    [{ 'kubernetes.environmentVariables': 'A=1,hunter2' }],
    [{ 'kubernetes.additionalContainers': '[{name: s, env: [{name: P, value: hunter2}]' }],
    [{ 'kubernetes.initContainer': '{containerName: i, environmentVariables: [hunter2], imageName: b}' }],
  ])('without repeating what may be a secret: %j', (properties) => {
    expect(() => make({ properties })).toThrow(InvalidLaunchRequestError);
    expect(() => make({ properties })).not.toThrow(/hunter2/);
  });

  it('a jar, an image without a name and a NUL', () => {
    expect(() => make({ request: { resourceUri: 'maven://a:b:1' } })).toThrow('Register a container image');
    expect(() => make({ request: { resourceUri: 'https://u:hunter2@x/a.jar' } })).not.toThrow(/hunter2/);
    expect(() => make({ request: { resourceUri: 'docker://' } })).toThrow('names no image');
    expect(() => make({ request: { arguments: ['a\0'] } })).toThrow('NUL');
  });
});

describe('what a launch ignores', () => {
  it.each([
    'local.javaOpts',
    'cloudfoundry.memory',
    'count',
    'indexed',
    'kubernetes.createLoadBalancer',
    'kubernetes.maximumConcurrentTasks',
  ])('%s', (name) => {
    expect(make({ properties: { [name]: '1' } })).toEqual(make());
  });
});
