/** `spring.cloud.dataflow.features.*` */
export interface FeatureConfiguration {
  readonly tasksEnabled: boolean;
  readonly schedulesEnabled: boolean;
}

/** `spring.cloud.dataflow.task.*` and its neighbours. */
export interface TaskConfiguration {
  readonly autoCreateTaskDefinitions: boolean;
  readonly executionDeleteChunkSize: number;
  /** `spring.cloud.dataflow.async.enabled`: bulk deletes answer at once and run in the background. */
  readonly asyncDelete: boolean;
  readonly useKubernetesSecretsForDbCredentials: boolean;
  readonly composedTaskRunner: {
    readonly uri: string;
    readonly imagePullSecret: string | undefined;
    readonly useUserAccessToken: boolean;
  };
  /** `spring.cloud.dataflow.server.uri` */
  readonly serverUri: string | undefined;
  /** `spring.cloud.dataflow.application-properties.task.*`: handed to every task. */
  readonly applicationProperties: Readonly<Record<string, string>>;
  /** `spring.cloud.dataflow.application-properties.task-resource`: a resource location. */
  readonly applicationPropertiesResource: string | undefined;
  /** `spring.cloud.dataflow.defaults.boot2.local.javaHomePath` and boot3's. */
  readonly javaHomePaths: { readonly boot2: string | undefined; readonly boot3: string | undefined };
  readonly maximumSchedulesReturned: number;
  /** `spring.cloud.dataflow.task.deployer-properties.*`: which deployer properties `/tasks/platforms` lists. */
  readonly deployerProperties: {
    readonly groupIncludes: readonly string[];
    readonly groupExcludes: readonly string[];
    readonly propertyIncludes: readonly string[];
    readonly propertyExcludes: readonly string[];
  };
}
