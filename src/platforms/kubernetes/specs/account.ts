/** A platform account of Kubernetes: its settings checked and typed. Pure. */
import type { AccountSettings, SettingsTree } from '../../../configuration/configuration.js';
import { UnusableSettingsError } from '../../../configuration/unusable-settings.js';
import { bindAccount } from './bind-settings.js';
import type { KubernetesSettings } from './settings.js';
import { isMap, uniformName } from './values.js';

/** What the pods of an account's tasks are made of when a launch says nothing else. */
export interface KubernetesAccount {
  readonly name: string;
  /** Namespace of all objects of the account. */
  readonly namespace: string;
  /** False when the settings name no namespace: that of the client's context may count then. */
  readonly hasNamespace: boolean;
  readonly defaults: KubernetesSettings;
  /** At most so many executions at once. */
  readonly maximumConcurrentTasks: number;
  /** Tasks run as jobs, unless a launch says otherwise. */
  readonly createJob: boolean;
  /** Sentences about settings that nobody knows, for the log. */
  readonly warnings: readonly string[];
}

/** SCDF's default. */
const MAXIMUM_CONCURRENT_TASKS = 20;

/**
 * Checks and types the settings of `spring.cloud.dataflow.task.platform.kubernetes.accounts.<name>`; those of `fabric8` are the
 * client's.
 * @throws UnusableSettingsError listing every wrong value
 */
export function readAccount(name: string, settings: AccountSettings): KubernetesAccount {
  const prefix = `spring.cloud.dataflow.task.platform.kubernetes.accounts.${name}.`;
  const { settings: defaults, unusable, warnings } = bindAccount(settings, prefix);
  if (unusable.length > 0) throw new UnusableSettingsError(unusable);
  const namespace = defaults.namespace ?? namespaceOfClient(settings);
  return {
    name,
    namespace: namespace ?? 'default',
    hasNamespace: namespace !== undefined,
    defaults,
    maximumConcurrentTasks: defaults.maximumConcurrentTasks ?? MAXIMUM_CONCURRENT_TASKS,
    createJob: defaults.createJob ?? false,
    warnings,
  };
}

/** `fabric8.namespace`, which SCDF's client takes too. */
function namespaceOfClient(settings: AccountSettings): string | undefined {
  const client: SettingsTree = settings['fabric8'] ?? {};
  if (!isMap(client)) return undefined;
  const namespace = Object.entries(client).find(([key]) => uniformName(key) === 'namespace')?.[1];
  return typeof namespace === 'string' && namespace.trim() !== '' ? namespace.trim() : undefined;
}
