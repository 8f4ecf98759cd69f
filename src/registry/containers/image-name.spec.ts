import { describe, expect, it } from '@jest/globals';
import { ContainerRegistryError } from './container-registry.errors.js';
import { parseImageName } from './image-name.js';

const DEFAULTS = {
  defaultRegistryHost: 'registry-1.docker.io',
  defaultRepositoryTag: 'latest',
  officialRepositoryNamespace: 'library',
};
const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('parseImageName', () => {
  it.each([
    ['postgres', 'registry-1.docker.io', 'library/postgres', 'latest'],
    ['postgres:16', 'registry-1.docker.io', 'library/postgres', '16'],
    ['springcloudtask/timestamp-task:3.0.0', 'registry-1.docker.io', 'springcloudtask/timestamp-task', '3.0.0'],
    ['docker.io/postgres', 'registry-1.docker.io', 'library/postgres', 'latest'],
    ['index.docker.io/a/b:1', 'registry-1.docker.io', 'a/b', '1'],
    ['ghcr.example/a/b/c:1', 'ghcr.example', 'a/b/c', '1'],
    ['localhost/a', 'localhost', 'a', 'latest'],
    ['localhost:5000/a:1', 'localhost:5000', 'a', '1'],
    ['127.0.0.1:5000/a', '127.0.0.1:5000', 'a', 'latest'],
    ['[::1]:5000/a', '[::1]:5000', 'a', 'latest'],
    ['reg.example:5000/a/b_c__d-e.f:V1_x', 'reg.example:5000', 'a/b_c__d-e.f', 'V1_x'],
    [`reg.example/a@${DIGEST}`, 'reg.example', 'a', DIGEST],
    [`reg.example/a:1@${DIGEST}`, 'reg.example', 'a', DIGEST],
    [' postgres ', 'registry-1.docker.io', 'library/postgres', 'latest'],
  ])('%j', (image, host, repository, reference) => {
    const isDigest = reference === DIGEST;
    expect(parseImageName(image, DEFAULTS)).toEqual({ host, repository, reference, isDigest });
  });

  it.each([
    '',
    '/',
    'A/b',
    'a//b',
    'a/',
    'a:',
    'a:b:c',
    'a@sha256:short',
    `a@${DIGEST}@${DIGEST}`,
    'reg.example/',
    'reg.example/a/../b',
    'reg.example/a?x=y',
    'reg.example/a#b',
    'user@reg.example/a',
    'reg..example:port/a',
    'reg.example:5000:1/a',
    'https://reg.example/a',
    'a b',
    `reg.example/${'a'.repeat(256)}`,
    `a:${'1'.repeat(129)}`,
  ])('refuses %j', (image) => {
    expect(() => parseImageName(image, DEFAULTS)).toThrow(ContainerRegistryError);
  });

  it('takes other defaults', () => {
    const defaults = {
      defaultRegistryHost: 'reg.example',
      defaultRepositoryTag: 'dev',
      officialRepositoryNamespace: '',
    };
    expect(parseImageName('a', defaults)).toMatchObject({ host: 'reg.example', repository: 'a', reference: 'dev' });
    expect(parseImageName('docker.io/a', defaults)).toMatchObject({ host: 'reg.example' });
  });
});
