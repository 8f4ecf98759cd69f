import { readFile } from 'node:fs/promises';
import { CoreV1Api, RbacAuthorizationV1Api, type V1PolicyRule, type V1Role } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { type Cluster, kubeConfigOf } from './cluster.js';

/** Who a server is in a cluster when it is not the administrator. */
export interface Identity {
  /** Of a service account named `server`; good for an hour. */
  readonly token: string;
}

/**
 * Makes a service account in a namespace, and lets it do something in some.
 * @param rules what it may do; nothing if there are none
 * @param where the namespaces in which it may
 */
export async function createIdentity(
  cluster: Cluster,
  home: string,
  rules: readonly V1PolicyRule[],
  where: readonly string[],
): Promise<Identity> {
  const core = kubeConfigOf(cluster).makeApiClient(CoreV1Api);
  const rbac = kubeConfigOf(cluster).makeApiClient(RbacAuthorizationV1Api);
  const name = 'server';
  await core.createNamespacedServiceAccount({ namespace: home, body: { metadata: { name } } });
  for (const namespace of rules.length === 0 ? [] : where) {
    await rbac.createNamespacedRole({ namespace, body: { metadata: { name }, rules: [...rules] } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
    const subjects = [{ kind: 'ServiceAccount', name, namespace: home }];
    await rbac.createNamespacedRoleBinding({ namespace, body: { metadata: { name }, roleRef, subjects } });
  }
  const { status } = await core.createNamespacedServiceAccountToken({
    namespace: home,
    name,
    body: { spec: { audiences: [], expirationSeconds: 3600 } },
  });
  if (status === undefined) throw new Error(`The cluster gives no token for the service account of ${home}.`);
  return { token: status.token };
}

/** What the role of docs/kubernetes.md allows. */
export async function documentedRules(): Promise<readonly V1PolicyRule[]> {
  const text = await readFile(new URL('../../docs/kubernetes.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n([^]*?)```/g)].flatMap(([, yaml = '']) => parseAllDocuments(yaml));
  const [role] = blocks.map((document) => document.toJS() as V1Role).filter(({ kind }) => kind === 'Role');
  if (role?.rules === undefined) throw new Error('docs/kubernetes.md has no role');
  return role.rules;
}

/** The same without what concerns Secrets. @throws Error if nothing does */
export async function documentedRulesButSecrets(): Promise<readonly V1PolicyRule[]> {
  const all = await documentedRules();
  const rules = all.filter(({ resources }) => resources?.includes('secrets') !== true);
  if (rules.length !== all.length - 1) throw new Error('the role of docs/kubernetes.md has not one rule for Secrets');
  return rules;
}
