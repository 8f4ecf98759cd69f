import { describe, expect, it } from '@jest/globals';
import { ContainerRegistryError } from './container-registry.errors.js';
import { labelsOfConfig, manifestMediaTypes, OCI_MANIFEST, readManifest } from './image-manifest.js';

const digest = (char: string) => `sha256:${char.repeat(64)}`;
const entry = (char: string, os?: string, architecture?: string) => ({
  digest: digest(char),
  ...(os === undefined ? {} : { platform: { os, architecture } }),
});

describe('readManifest', () => {
  it('finds the configuration of an image', () => {
    const manifest = { schemaVersion: 2, config: { digest: digest('a') }, layers: [] };
    expect(readManifest(manifest, 'x')).toEqual({ kind: 'image', configDigest: digest('a') });
  });

  it.each([
    ['linux/amd64', [entry('a', 'linux', 'arm64'), entry('b', 'linux', 'amd64'), entry('c')], 'b'],
    ['the first', [entry('a', 'linux', 'arm64'), entry('b', 'windows', 'amd64')], 'a'],
    ['the first that is no attestation', [entry('a', 'unknown', 'unknown'), entry('b', 'linux', 's390x')], 'b'],
    ['the only one', [entry('a')], 'a'],
  ])('chooses %s of a list', (_, manifests, chosen) => {
    expect(readManifest({ schemaVersion: 2, manifests }, 'x')).toEqual({
      kind: 'list',
      manifestDigest: digest(chosen),
    });
  });

  it.each([
    null,
    1,
    {},
    { schemaVersion: 1, history: [] },
    { config: {} },
    { config: { digest: '../x' } },
    { manifests: [] },
    { manifests: [{ digest: 'sha256:a/../b' }] },
  ])('refuses %j', (manifest) => {
    expect(() => readManifest(manifest, 'reg.example/a:1')).toThrow(
      new ContainerRegistryError('Image [reg.example/a:1] has incorrect or missing manifest config element'),
    );
  });
});

describe('labelsOfConfig', () => {
  it.each<[unknown, Record<string, string>]>([
    [{ config: { Labels: { a: 'b', n: 1 } } }, { a: 'b' }],
    [{ config: { Labels: null } }, {}],
    [{ config: null }, {}],
    [{}, {}],
  ])('%j', (config, labels) => {
    expect(labelsOfConfig(config, 'x')).toEqual(labels);
  });

  it.each([null, [], { config: { Labels: [] } }, { config: 'x' }])('refuses %j', (config) => {
    expect(() => labelsOfConfig(config, 'x')).toThrow(ContainerRegistryError);
  });
});

describe('manifestMediaTypes', () => {
  it('asks for all types, the configured one first', () => {
    expect(manifestMediaTypes(OCI_MANIFEST).split(', ')).toEqual([
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.oci.image.index.v1+json',
    ]);
    expect(manifestMediaTypes(undefined)).toMatch(/^application\/vnd\.docker\.distribution\.manifest\.v2\+json, /);
  });
});
