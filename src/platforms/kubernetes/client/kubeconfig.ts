/**
 * Where an account's API server is and who we are there: the account's own settings over the kubeconfig, or over the
 * service account of the pod that this server runs in. The only module that knows the Kubernetes client library, and of that
 * only its configuration part: the generated API classes would cost half a second and some 60 MB for nothing.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { messageOf } from '../../../resources/system-error.js';
import { ConnectionError } from './api-error.js';
import { type ConnectionSettings, type CredentialSource, proxyFor } from './connection-settings.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Cluster = ReturnType<KubeConfig['getClusters']>[number];
type User = ReturnType<KubeConfig['getUsers']>[number];

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** An API server, the identity to use there, and the namespace that goes with it. */
export interface ClusterAccess {
  /** Without trailing slash. */
  readonly serverUrl: string;
  /** Namespace of the context; undefined when it names none. */
  readonly namespace: string | undefined;
  /** The library's object: adds credentials, TLS material and proxy to a request's options. */
  readonly config: KubeConfig;
}

/**
 * Reads the files anew at each call, so that rotated ones count.
 * @throws ConnectionError code `CREDENTIALS`, with a sentence for people, when no API server is named anywhere or a file
 *   cannot be read
 */
export function findCluster(settings: ConnectionSettings, environment: Environment): ClusterAccess {
  try {
    const found = fromKubeconfig(environment) ?? fromServiceAccount(environment);
    if (settings.currentContext !== undefined) chooseContext(found, settings.currentContext);
    return overlay(found, settings);
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    const detail = messageOf(error);
    throw credentialProblem(`its kubeconfig or credentials cannot be read: ${detail}`, error);
  }
}

/** Files of KUBECONFIG, merged in order (the first to name something wins), else `~/.kube/config`. */
function fromKubeconfig(environment: Environment): KubeConfig | undefined {
  const named = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const home = environment['HOME'];
  const standard = home === undefined ? [] : [join(home, '.kube', 'config')];
  const files = (named.length > 0 ? named : standard).filter((file) => existsSync(file));
  if (named.length > 0 && files.length === 0) {
    throw credentialProblem(`there is no file ${named.map((file) => `'${file}'`).join(' or ')} (KUBECONFIG)`);
  }
  return files.reduce<KubeConfig | undefined>((merged, file) => {
    const config = new KubeConfig();
    config.loadFromFile(file);
    return merged === undefined ? config : merge(merged, config);
  }, undefined);
}

function merge(first: KubeConfig, second: KubeConfig): KubeConfig {
  const config = new KubeConfig();
  const fresh = <T extends { readonly name: string }>(known: readonly T[], more: readonly T[]) => [
    ...known,
    ...more.filter(({ name }) => !known.some((entry) => entry.name === name)),
  ];
  config.loadFromOptions({
    clusters: fresh(first.clusters, second.clusters),
    users: fresh(first.users, second.users),
    contexts: fresh(first.contexts, second.contexts),
    currentContext: first.currentContext || second.currentContext,
  });
  return config;
}

/** The library keeps the token file in mind and reads it again, as a projected token is renewed every hour. */
function fromServiceAccount(environment: Environment): KubeConfig {
  const config = new KubeConfig();
  if (environment['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(SERVICE_ACCOUNT_TOKEN)) {
    config.loadFromCluster();
  }
  return config;
}

function chooseContext(config: KubeConfig, name: string): void {
  if (config.getContextObject(name) === null) {
    const known = config.getContexts().map((context) => `'${context.name}'`);
    const list = known.length === 0 ? 'It has none' : `It has ${known.join(', ')}`;
    throw credentialProblem(`the kubeconfig has no context '${name}'. ${list}`);
  }
  config.setCurrentContext(name);
}

function overlay(found: KubeConfig, settings: ConnectionSettings): ClusterAccess {
  const cluster = found.getCurrentCluster();
  const server = settings.masterUrl ?? cluster?.server;
  if (server === undefined || server === '') {
    throw credentialProblem(
      'no API server is named: set fabric8.master-url or KUBECONFIG, or run the server inside the cluster with a service account',
    );
  }
  const namespace = settings.namespace ?? found.getContextObject(found.getCurrentContext())?.namespace;
  const ownUser = userOf(settings);
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    clusterOf(server, settings, ownUser !== undefined && settings.masterUrl !== undefined ? null : cluster),
    ownUser ?? found.getCurrentUser() ?? { name: 'anonymous' },
  );
  return { serverUrl: server.replace(/\/+$/, ''), namespace, config };
}

/** @param found whose certificate authority counts where the settings name none; null: the machine's own */
function clusterOf(server: string, settings: ConnectionSettings, found: Cluster | null): Cluster {
  const plain = server.startsWith('http:');
  const proxyUrl = proxyFor(server, settings) ?? found?.proxyUrl;
  const tlsServerName = settings.masterUrl === undefined ? found?.tlsServerName : undefined;
  return {
    name: 'account',
    server,
    // The library takes plain HTTP, which has no TLS to skip, only with this word.
    skipTLSVerify: settings.trustCerts || plain || found?.skipTLSVerify === true,
    ...(isGiven(settings.ca)
      ? { caFile: settings.ca.file, caData: settings.ca.data }
      : { caFile: found?.caFile, caData: found?.caData }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
  };
}

/** @returns undefined when the settings say nothing about who we are */
function userOf(settings: ConnectionSettings): User | undefined {
  const { clientCertificate, clientKey, oauthToken, username, password } = settings;
  if (!isGiven(clientCertificate) && oauthToken === undefined && username === undefined) return undefined;
  return {
    name: 'account',
    certFile: clientCertificate.file,
    certData: clientCertificate.data,
    keyFile: clientKey.file,
    keyData: clientKey.data,
    ...(oauthToken === undefined ? {} : { token: oauthToken }),
    ...(username === undefined ? {} : { username, password: password ?? '' }),
  };
}

function isGiven(source: CredentialSource): boolean {
  return source.file !== undefined || source.data !== undefined;
}

function credentialProblem(message: string, cause?: unknown): ConnectionError {
  return new ConnectionError('CREDENTIALS', message, { cause });
}
