/** `maven.*` */
export interface MavenConfiguration {
  readonly localRepository: string | undefined;
  readonly offline: boolean;
  readonly includeDefaultRemoteRepositories: boolean;
  readonly remoteRepositories: readonly MavenRepository[];
  readonly proxy:
    | {
        readonly protocol: string;
        readonly host: string;
        readonly port: number;
        readonly nonProxyHosts: string;
        readonly username: string | undefined;
        readonly password: string | undefined;
      }
    | undefined;
  /** ms */
  readonly connectTimeout: number;
  /** ms */
  readonly requestTimeout: number;
}

/** One `maven.remote-repositories.<id>`. */
export interface MavenRepository {
  readonly id: string;
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}
