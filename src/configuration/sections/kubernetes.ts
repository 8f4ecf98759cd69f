import type { KubernetesDataSource, KubernetesOptions } from '../configuration.js';
import { choice, duration, integer, text } from '../property-types.js';
import { optionalProperty, property } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { taskProperties } from './task.js';

const P = 'millrace.kubernetes';

/** Intervals below this are mistakes (a plain number is milliseconds), ms. */
const SHORTEST = 1_000;

/** A list of all pods more often than this burdens the API server for nothing, ms. */
const SHORTEST_RELIST = 10_000;

/** What a name of a Secret may be (RFC 1123 subdomain). */
const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export const kubernetesProperties = {
  imageTimeout: property(`${P}.image-timeout`, {
    type: duration(),
    default: '2m',
    meaning: 'After how long a task whose image cannot be pulled ends as failed.',
  }),
  containerTimeout: property(`${P}.container-timeout`, {
    type: duration(),
    default: '2m',
    meaning:
      'After how long a task whose container cannot be created (a Secret or ConfigMap is missing …) ends as failed.',
  }),
  schedulingTimeout: property(`${P}.scheduling-timeout`, {
    type: duration(),
    default: '1h',
    meaning: 'After how long a task that no node can take ends as failed.',
  }),
  stopTimeout: property(`${P}.stop-timeout`, {
    type: duration(),
    default: '30s',
    meaning: 'How long after its grace period a stopped pod that still runs is deleted.',
  }),
  relistInterval: property(`${P}.relist-interval`, {
    type: duration(),
    default: '5m',
    meaning: 'How often all pods and jobs are listed anew and compared, beside the watches that tell changes at once.',
  }),
  requestsInFlight: property(`${P}.requests-in-flight`, {
    type: integer(1, 1_000),
    default: '48',
    meaning: 'Most requests of an account to its API server at a time; watches and followed logs are not counted.',
  }),
  dataSource: optionalProperty(`${P}.data-source`, {
    type: choice('secret', 'existing-secret', 'properties'),
    meaning:
      'How tasks get the server’s data source: by a Secret that the server keeps (`secret`, the standard); user and password by a ' +
      'Secret of yours (`existing-secret`); as properties in the open, as SCDF does (`properties`, the standard where ' +
      '`use-kubernetes-secrets-for-db-credentials` leaves user and password out).',
  }),
  dataSourceSecret: optionalProperty(`${P}.data-source-secret`, {
    type: text,
    meaning:
      'With `existing-secret`: name of the Secret in each account’s namespace whose entries `username` and `password` tasks get.',
  }),
} as const;

/** @throws nothing; what is wrong is collected in the reader */
export function readKubernetes(reader: PropertyReader): KubernetesOptions {
  const p = kubernetesProperties;
  const atLeast = (name: Exclude<keyof typeof p, 'dataSource' | 'dataSourceSecret'>, least: number): number => {
    const value = reader.value(p[name]);
    if (value < least) reader.reject(p[name], `at least ${least / 1000}s`);
    return value;
  };
  return {
    imageTimeout: atLeast('imageTimeout', SHORTEST),
    containerTimeout: atLeast('containerTimeout', SHORTEST),
    schedulingTimeout: atLeast('schedulingTimeout', SHORTEST),
    stopTimeout: atLeast('stopTimeout', SHORTEST),
    relistInterval: atLeast('relistInterval', SHORTEST_RELIST),
    requestsInFlight: reader.value(p.requestsInFlight),
    dataSource: readDataSource(reader),
  };
}

function readDataSource(reader: PropertyReader): KubernetesDataSource {
  const p = kubernetesProperties;
  const secretName = reader.value(p.dataSourceSecret)?.trim();
  const withoutCredentials = reader.value(taskProperties.useKubernetesSecrets);
  const way = reader.value(p.dataSource) ?? standardWay(secretName, withoutCredentials);
  if (way !== 'existing-secret') {
    if (secretName !== undefined) reader.reject(p.dataSourceSecret, `left out, since ${p.dataSource.name} is ${way}`);
    return { way };
  }
  if (withoutCredentials) {
    const other = taskProperties.useKubernetesSecrets.name;
    reader.reject(p.dataSource, `secret or properties, since ${other} leaves user and password to the tasks`);
  }
  if (secretName === undefined || !OBJECT_NAME.test(secretName)) {
    reader.reject(p.dataSourceSecret, 'the name of a Secret: lower-case letters, digits, dashes and dots');
  }
  return { way, secretName: secretName ?? '' };
}

function standardWay(secretName: string | undefined, withoutCredentials: boolean): KubernetesDataSource['way'] {
  if (secretName !== undefined) return 'existing-secret';
  return withoutCredentials ? 'properties' : 'secret';
}
