/** `spring.cloud.dataflow.container.*` */
export interface ContainerConfiguration {
  readonly defaultRegistryHost: string;
  readonly defaultRepositoryTag: string;
  readonly officialRepositoryNamespace: string;
  readonly replaceDefaultDockerRegistryServer: boolean;
  readonly httpProxy: { readonly host: string; readonly port: number } | undefined;
  /** Re-keyed by registry host. */
  readonly registries: Readonly<Record<string, ContainerRegistry>>;
  /** The text of a mounted `.dockerconfigjson`, if any. */
  readonly dockerConfigJson: string | undefined;
}

/** One `spring.cloud.dataflow.container.registry-configurations.<key>`. */
export interface ContainerRegistry {
  readonly host: string;
  readonly authorizationType: 'anonymous' | 'basicauth' | 'dockeroauth2' | 'awsecr' | undefined;
  readonly user: string | undefined;
  readonly secret: string | undefined;
  readonly manifestMediaType: string | undefined;
  readonly disableSslVerification: boolean;
  readonly useHttpProxy: boolean;
  readonly extra: Readonly<Record<string, string>>;
}

/** `spring.cloud.dataflow.docker.validation.*`, for `/tasks/validation/{name}`. */
export interface DockerValidationConfiguration {
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly authUrl: string;
  readonly registryUrl: string;
  /** ms */
  readonly connectTimeout: number;
  /** ms */
  readonly readTimeout: number;
}
