/** `spring.cloud.dataflow.task.platform.*` */
export interface PlatformsConfiguration {
  /**
   * Account name to its settings: one flat map, keys in kebab-case as SCDF lists them (`maximum-concurrent-tasks`,
   * `docker.port-range.low`, `java-home-path.3`), values as text or list.
   */
  readonly local: Readonly<Record<string, AccountSettings>>;
  /**
   * The same for Kubernetes; nested settings (volumes, tolerations …) stay trees, keys in camelCase below the first level. Keys of
   * `matchLabels` and the like are as written. `namespace` is filled in from KUBERNETES_NAMESPACE where an account has none.
   */
  readonly kubernetes: Readonly<Record<string, AccountSettings>>;
  /** The platform that counts when a request names none: Kubernetes inside a cluster, Local with profile `local`. */
  readonly primary: 'Local' | 'Kubernetes' | undefined;
}

/** A tree of settings as bound from the configuration sources: scalars are text, lists are arrays, maps are objects. */
export type SettingsTree = string | readonly SettingsTree[] | { readonly [key: string]: SettingsTree };

/** The settings of one account, or any other group of settings that is bound as written. */
export type AccountSettings = { readonly [key: string]: SettingsTree };
