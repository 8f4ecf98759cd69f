import type { ContainerConfiguration, ContainerRegistry } from '../../configuration/configuration.js';
import { readDockerConfig } from './docker-config.js';
import { registryHost } from './image-name.js';

/** How a registry is spoken to; `authorizationType` undefined: it is asked. */
export type RegistrySettings = ContainerRegistry;

/** The settings of all registries that the configuration or the mounted pull secret name. */
export class RegistrySettingsLookup {
  private readonly settings: ReadonlyMap<string, RegistrySettings>;
  /** A sentence about a pull secret that cannot be read; undefined when all is well. */
  readonly problem: string | undefined;

  constructor(private readonly configuration: ContainerConfiguration) {
    const { dockerConfigJson } = configuration;
    const secrets = dockerConfigJson === undefined ? [] : readDockerConfig(dockerConfigJson);
    this.problem =
      secrets === undefined
        ? '.dockerconfigjson is not read: it is no JSON object with registries under "auths"'
        : undefined;
    const settings = new Map<string, RegistrySettings>();
    for (const { host, user, secret } of secrets ?? []) {
      const key = this.hostOfSecret(host);
      settings.set(key, { ...unconfigured(key), user, secret });
    }
    for (const registry of Object.values(configuration.registries)) {
      const host = registryHost(registry.host, configuration.defaultRegistryHost);
      settings.set(host, merged(settings.get(host) ?? unconfigured(host), { ...registry, host }));
    }
    this.settings = settings;
  }

  /**
   * Those of the given registry. One that nobody named is asked without credentials; SCDF refuses it.
   * @param host as in an {@link ImageName}
   */
  of(host: string): RegistrySettings {
    return this.settings.get(host) ?? unconfigured(host);
  }

  private hostOfSecret(host: string): string {
    const { replaceDefaultDockerRegistryServer, defaultRegistryHost } = this.configuration;
    return replaceDefaultDockerRegistryServer ? registryHost(host, defaultRegistryHost) : host;
  }
}

function unconfigured(host: string): RegistrySettings {
  return {
    host,
    authorizationType: undefined,
    user: undefined,
    secret: undefined,
    manifestMediaType: undefined,
    disableSslVerification: false,
    useHttpProxy: false,
    extra: {},
  };
}

/** Explicit properties win over the pull secret, field by field. */
function merged(secret: RegistrySettings, explicit: RegistrySettings): RegistrySettings {
  return {
    ...explicit,
    user: explicit.user ?? secret.user,
    secret: explicit.secret ?? secret.secret,
  };
}
