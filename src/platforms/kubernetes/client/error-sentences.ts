/** Errors of an API server and of the way to it, as sentences for people. Pure. */
import { messageOf } from '../../../resources/system-error.js';
import { ApiError, ConnectionError } from './api-error.js';

/** What was tried, for the sentence. */
export interface Attempt {
  readonly accountName: string;
  readonly namespace: string;
  readonly serverUrl: string | undefined;
  /** RBAC's verb: get, list, watch, create, update, patch, delete. */
  readonly verb: string;
  /** RBAC's resource: pods, pods/log, jobs, secrets … */
  readonly resource: string;
}

/** One sentence: what is wrong, with which account, and where to look. */
export function explain(error: unknown, attempt: Attempt): string {
  const account = `The Kubernetes account '${attempt.accountName}'`;
  if (error instanceof ConnectionError) return `${account} cannot be used: ${connectionSentence(error, attempt)}`;
  if (!(error instanceof ApiError)) return `${account}: ${messageOf(error)}`;
  const { verb, resource, namespace } = attempt;
  if (error.status === 401) {
    return `${account} is not known to the API server${at(attempt)}: its token, certificate or password is wrong or has expired (401).`;
  }
  if (isMissingRight(error)) {
    const who = /User "([^"]+)"/.exec(error.message)?.[1];
    return `${account} may not ${verb} ${resource} in namespace '${namespace}': its role${who === undefined ? '' : ` (user ${who})`} lacks the verb '${verb}' on '${resource}'.`;
  }
  if (error.status === 404 && /^namespaces? "/.test(error.message)) {
    return `${account} has the namespace '${namespace}', which does not exist in the cluster.`;
  }
  if (error.status === 429)
    return `${account} was asked by the API server${at(attempt)} to wait: too many requests (429).`;
  return `${account}: the API server answered ${error.status} to '${verb} ${resource}' in namespace '${namespace}': ${readable(error.message)}`;
}

/** Whether a 403 means that a role lacks a right, and not that a quota or an admission check refuses this one object. */
export function isMissingRight(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && / cannot \S+ resource /.test(error.message);
}

/** The API server's sentence without the machinery around it; a quota's figures and a policy's list are what a person needs. */
export function readable(message: string): string {
  const plain = message
    .replace(/^[\w.]+ "[^"]*" is (?:forbidden|invalid): /, '')
    .replace(/^error when creating .*?: /, '')
    .trim();
  const quota = /^exceeded quota: ([^,]+), requested: (.+), used: (.+), limited: (.+)$/.exec(plain);
  if (quota !== null) {
    const [, name, requested, used, limited] = quota;
    return `the quota '${name}' is exceeded: ${requested} requested, ${used} in use, the limit is ${limited}`;
  }
  const denied = /^admission webhook "([^"]+)" denied the request: ?(.*)$/s.exec(plain);
  if (denied !== null) return `the admission check '${denied[1]}' refuses it: ${denied[2]}`;
  return plain;
}

function connectionSentence(error: ConnectionError, attempt: Attempt): string {
  const server = `the API server${at(attempt)}`;
  switch (error.code) {
    case 'CREDENTIALS':
      return `${error.message}.`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `the certificate of ${server} is not signed by a known authority; name its CA with fabric8.ca-cert-file or fabric8.ca-cert-data (${error.code}).`;
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${server} has expired.`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate of ${server} is for another host: ${error.message}.`;
    case 'EPROTO':
      return `${server} does not speak TLS as expected; is its URL https and its port right? (${error.message})`;
    case 'ENOTFOUND':
      return `the host of ${server} is not known (ENOTFOUND).`;
    default:
      return `${server} cannot be reached: ${error.message}.`;
  }
}

function at(attempt: Attempt): string {
  return attempt.serverUrl === undefined ? '' : ` at ${attempt.serverUrl}`;
}
