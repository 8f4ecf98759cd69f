/** The environment variables of the main container. Pure. */
import type { V1EnvFromSource, V1EnvVar } from '@kubernetes/client-node';
import type { Pairs } from './pairs.js';
import type { KubernetesSettings } from './settings.js';

/** Injected property of the server's data source to the variable and the entry of the Secret that hold it. */
const DATA_SOURCE: Readonly<Record<string, { readonly variable: string; readonly key: string }>> = {
  'spring.datasource.url': { variable: 'SPRING_DATASOURCE_URL', key: 'url' },
  'spring.datasource.username': { variable: 'SPRING_DATASOURCE_USERNAME', key: 'username' },
  'spring.datasource.password': { variable: 'SPRING_DATASOURCE_PASSWORD', key: 'password' },
  'spring.datasource.driverClassName': { variable: 'SPRING_DATASOURCE_DRIVERCLASSNAME', key: 'driver-class-name' },
};

/** Injected property of the server's data source to the key of the Secret under which it is kept. */
export const DATA_SOURCE_KEYS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(DATA_SOURCE).map(([property, { key }]) => [property, key]),
);

/** What the environment is made of. */
export interface EnvironmentSource {
  readonly settings: KubernetesSettings;
  /** From the entry point. */
  readonly variables: Pairs;
  /** Names of the injected properties that {@link dataSourceSecret} holds. */
  readonly dataSource: Pairs;
  readonly dataSourceSecret: string | null;
}

/**
 * In SCDF's order: plain variables, entries of Secrets, of ConfigMaps, then what SCDF adds. The data source stands before all
 * that the user set, and gives way to it. Each name occurs once, and the last one counts, as Kubernetes has it.
 */
export function environment(source: EnvironmentSource): V1EnvVar[] {
  const { settings, variables } = source;
  const all: V1EnvVar[] = [
    ...dataSourceVariables(source),
    ...Object.entries(variables).map(([name, value]) => ({ name, value })),
    ...(settings.secretKeyRefs ?? []).map(({ variable, source: name, key }) => ({
      name: variable,
      valueFrom: { secretKeyRef: { name, key } },
    })),
    ...(settings.configMapKeyRefs ?? []).map(({ variable, source: name, key }) => ({
      name: variable,
      valueFrom: { configMapKeyRef: { name, key } },
    })),
    { name: 'SPRING_CLOUD_APPLICATION_GUID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
    ...(settings.group === undefined ? [] : [{ name: 'SPRING_CLOUD_APPLICATION_GROUP', value: settings.group }]),
  ];
  const byName = new Map<string, V1EnvVar>();
  for (const variable of all) {
    byName.delete(variable.name);
    byName.set(variable.name, variable);
  }
  return [...byName.values()];
}

/** All entries of ConfigMaps, then of Secrets. */
export function environmentSources({ configMapRefs, secretRefs }: KubernetesSettings): V1EnvFromSource[] {
  return [
    ...(configMapRefs ?? []).map((name) => ({ configMapRef: { name } })),
    ...(secretRefs ?? []).map((name) => ({ secretRef: { name } })),
  ];
}

function dataSourceVariables({ dataSource, dataSourceSecret }: EnvironmentSource): V1EnvVar[] {
  if (dataSourceSecret === null) return [];
  return Object.keys(dataSource).flatMap((property) => {
    const place = DATA_SOURCE[property];
    if (place === undefined) return [];
    const secretKeyRef = { name: dataSourceSecret, key: place.key };
    return [{ name: place.variable, valueFrom: { secretKeyRef } }];
  });
}
