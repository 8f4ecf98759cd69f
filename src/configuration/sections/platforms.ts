import type { AccountSettings, PlatformsConfiguration } from '../configuration.js';
import { propertyGroup } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { KUBERNETES_ACCOUNT, LOCAL_ACCOUNT } from './account-shapes.js';

const PREFIX = 'spring.cloud.dataflow.task.platform';

export const platformProperties = {
  local: propertyGroup(`${PREFIX}.local.accounts.<account>`, LOCAL_ACCOUNT, 'One account of the Local platform.'),
  kubernetes: propertyGroup(
    `${PREFIX}.kubernetes.accounts.<account>`,
    KUBERNETES_ACCOUNT,
    'One account of the Kubernetes platform.',
  ),
} as const;

export interface PlatformFacts {
  readonly profiles: readonly string[];
  /** KUBERNETES_SERVICE_HOST is set. */
  readonly insideCluster: boolean;
  /** KUBERNETES_NAMESPACE */
  readonly namespace: string | undefined;
}

/**
 * Platforms follow the profile as in SCDF: profile `local` (or none) has the Local platform, with an account `default` if none is
 * configured, unless a Kubernetes account bears that name. Without it local accounts do not count.
 */
export function readPlatforms(
  reader: PropertyReader,
  facts: PlatformFacts,
  warnings: string[],
): PlatformsConfiguration {
  const hasLocal = facts.profiles.length === 0 || facts.profiles.includes('local');
  const kubernetes: Record<string, AccountSettings> = {};
  for (const account of reader.keys(`${PREFIX}.kubernetes.accounts`)) {
    kubernetes[account] = withNamespace(reader.settings(platformProperties.kubernetes, account), facts.namespace);
  }
  const local: Record<string, AccountSettings> = {};
  for (const account of reader.keys(`${PREFIX}.local.accounts`)) {
    if (hasLocal) local[account] = reader.settings(platformProperties.local, account);
    else
      warnings.push(
        `${PREFIX}.local.accounts.${account} has no effect: the Local platform exists with profile «local» only`,
      );
  }
  const hasKubernetes = Object.keys(kubernetes).length > 0;
  if (!hasKubernetes && facts.profiles.includes('kubernetes'))
    kubernetes['default'] = withNamespace({}, facts.namespace);
  const wantsLocal = hasLocal || Object.keys(kubernetes).length === 0;
  if (wantsLocal && Object.keys(local).length === 0 && kubernetes['default'] === undefined) local['default'] = {};
  const primary = facts.insideCluster ? 'Kubernetes' : hasLocal ? 'Local' : undefined;
  return { local, kubernetes, primary };
}

function withNamespace(settings: AccountSettings, namespace: string | undefined): AccountSettings {
  return settings['namespace'] !== undefined || namespace === undefined ? settings : { ...settings, namespace };
}
