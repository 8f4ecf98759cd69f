/** Which rights the account's role lacks, asked before somebody misses them (SelfSubjectAccessReview). */
import type { ApiClient } from './client/api-client.js';

/** A verb on a resource of a namespace, in RBAC's words. */
export interface Right {
  readonly group: '' | 'batch';
  /** `pods`, or with a subresource `pods/log` */
  readonly resource: string;
  readonly verb: string;
}

const rights = (group: Right['group'], resource: string, verbs: string): readonly Right[] =>
  verbs.split(' ').map((verb) => ({ group, resource, verb }));

/** What tasks as pods need. */
const FOR_PODS = [...rights('', 'pods', 'get list watch create delete'), ...rights('', 'pods/log', 'get')];

/** By which the server keeps its Secret with the data source. */
const FOR_SECRETS = rights('', 'secrets', 'create patch');

const FOR_JOBS = rights('batch', 'jobs', 'get list watch create delete');

/** Missed, not needed: without it a stopped pod or job is deleted, and what it wrote last is lost with it. */
const TO_STOP_WELL = rights('', 'pods', 'patch');
const TO_STOP_JOBS_WELL = rights('batch', 'jobs', 'patch');

/** What is missing for a stop that leaves the log. */
export async function missedRights(
  client: ApiClient,
  namespace: string,
  options: { readonly jobs: boolean },
): Promise<readonly Right[]> {
  return await lacking(client, namespace, [...TO_STOP_WELL, ...(options.jobs ? TO_STOP_JOBS_WELL : [])]);
}

/** @returns what is missing, in the order of need; asks nothing that an ordinary user may not ask */
export async function missingRights(
  client: ApiClient,
  namespace: string,
  options: { readonly jobs: boolean; readonly secrets?: boolean },
): Promise<readonly Right[]> {
  const needed = [...FOR_PODS, ...(options.jobs ? FOR_JOBS : []), ...(options.secrets === true ? FOR_SECRETS : [])];
  return await lacking(client, namespace, needed);
}

async function lacking(client: ApiClient, namespace: string, needed: readonly Right[]): Promise<readonly Right[]> {
  const allowed = await Promise.all(needed.map((right) => isAllowed(client, namespace, right)));
  return needed.filter((_, position) => allowed[position] === false);
}

/** One sentence; `undefined` when nothing is missing. */
export function rightsSentence(accountName: string, namespace: string, missing: readonly Right[]): string | undefined {
  if (missing.length === 0) return undefined;
  return `The role of the Kubernetes account '${accountName}' lacks rights in namespace '${namespace}': ${listed(missing)}.`;
}

/** `create, patch on 'secrets'; get on 'pods'` */
export function listed(missing: readonly Right[]): string {
  const verbs = new Map<string, string[]>();
  for (const { resource, verb } of missing) verbs.set(resource, [...(verbs.get(resource) ?? []), verb]);
  return [...verbs].map(([resource, lacked]) => `${lacked.join(', ')} on '${resource}'`).join('; ');
}

async function isAllowed(client: ApiClient, namespace: string, { group, resource, verb }: Right): Promise<boolean> {
  const [name, subresource] = resource.split('/');
  const attributes = { namespace, group, verb, resource: name, ...(subresource === undefined ? {} : { subresource }) };
  const review = await client.create<{ readonly status?: { readonly allowed?: boolean } }>(
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    },
  );
  return review.status?.allowed !== false;
}
