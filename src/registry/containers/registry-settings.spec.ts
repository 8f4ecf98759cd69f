import { describe, expect, it } from '@jest/globals';
import type { ContainerConfiguration, ContainerRegistry } from '../../configuration/configuration.js';
import { RegistrySettingsLookup } from './registry-settings.js';

const REGISTRY: ContainerRegistry = {
  host: 'reg.example',
  authorizationType: undefined,
  user: undefined,
  secret: undefined,
  manifestMediaType: undefined,
  disableSslVerification: false,
  useHttpProxy: false,
  extra: {},
};
const CONFIGURATION: ContainerConfiguration = {
  defaultRegistryHost: 'registry-1.docker.io',
  defaultRepositoryTag: 'latest',
  officialRepositoryNamespace: 'library',
  replaceDefaultDockerRegistryServer: true,
  httpProxy: undefined,
  registries: {},
  dockerConfigJson: undefined,
};

const secretFor = (host: string) => JSON.stringify({ auths: { [host]: { username: 'su', password: 'ss' } } });

describe('RegistrySettingsLookup', () => {
  it('asks registries that nobody named, without credentials', () => {
    expect(new RegistrySettingsLookup(CONFIGURATION).of('reg.example')).toEqual(REGISTRY);
  });

  it('takes credentials from the pull secret', () => {
    const lookup = new RegistrySettingsLookup({ ...CONFIGURATION, dockerConfigJson: secretFor('reg.example') });
    expect(lookup.of('reg.example')).toEqual({ ...REGISTRY, user: 'su', secret: 'ss' });
    expect(lookup.problem).toBeUndefined();
  });

  it('lets explicit properties win, field by field', () => {
    const registry = { ...REGISTRY, authorizationType: 'basicauth' as const, user: 'eu', useHttpProxy: true };
    const lookup = new RegistrySettingsLookup({
      ...CONFIGURATION,
      registries: { 'reg.example': registry },
      dockerConfigJson: secretFor('https://reg.example/v2/'),
    });
    expect(lookup.of('reg.example')).toEqual({ ...registry, user: 'eu', secret: 'ss' });
  });

  it.each([
    [true, 'su'],
    [false, undefined],
  ])('Docker Hub’s name in pull secrets means the default registry: %s', (replace, user) => {
    const lookup = new RegistrySettingsLookup({
      ...CONFIGURATION,
      replaceDefaultDockerRegistryServer: replace,
      dockerConfigJson: secretFor('https://index.docker.io/v1/'),
    });
    expect(lookup.of('registry-1.docker.io').user).toBe(user);
  });

  it('finds the settings of Docker Hub under its short name', () => {
    const registries = { 'docker.io': { ...REGISTRY, host: 'docker.io', user: 'u' } };
    const lookup = new RegistrySettingsLookup({ ...CONFIGURATION, registries });
    expect(lookup.of('registry-1.docker.io')).toMatchObject({ host: 'registry-1.docker.io', user: 'u' });
  });

  it('says that a pull secret cannot be read, without showing it', () => {
    const lookup = new RegistrySettingsLookup({ ...CONFIGURATION, dockerConfigJson: 'hush' });
    expect(lookup.problem).toBe('.dockerconfigjson is not read: it is no JSON object with registries under "auths"');
    expect(lookup.of('reg.example')).toEqual(REGISTRY);
  });
});
