import { loadConfiguration } from '../../src/configuration/load-configuration.js';
import type { Database } from '../../src/database/database.js';
import { isComposed, taskApps } from '../../src/dsl/facts.js';
import { parseTask } from '../../src/dsl/parse.js';
import { ApplicationPropertiesService } from '../../src/launching/application-properties.service.js';
import { cleanArguments, executionIdArgument, parseArguments } from '../../src/launching/command-line-arguments.js';
import { deployerProperties, mergeProperties, parseLaunchProperties } from '../../src/launching/launch-properties.js';
import { schemaArguments, schemaProperties } from '../../src/launching/schema-properties.js';
import { readAccount } from '../../src/platforms/kubernetes/specs/account.js';
import {
  buildTaskObject,
  probeCredentialsSecretOf,
  type TaskObject,
} from '../../src/platforms/kubernetes/specs/task-object.js';
import type { LaunchRequest } from '../../src/platforms/platform.js';
import type { AppMetadataService } from '../../src/registry/metadata/app-metadata.service.js';
import type { AppRegistration } from '../../src/registry/registry.service.js';

/** A launch that was recorded with SCDF 2.11.5, and the object that it made; see `about` in the file. */
export interface LaunchCase {
  readonly id: string;
  readonly kind: string;
  readonly after?: string;
  readonly server?: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly account: Readonly<Record<string, unknown>>;
  readonly app: {
    readonly name: string;
    readonly uri: string;
    readonly versions?: Readonly<Record<string, string>>;
  };
  readonly task: string;
  readonly definition: string;
  readonly properties: string;
  readonly arguments: string;
  readonly status: number;
  readonly error: string | null;
  readonly object: unknown;
  readonly rejected?: unknown;
}

/** What a launch came to. */
export interface Replayed {
  readonly object: TaskObject;
  readonly request: LaunchRequest;
}

/** Ends of the names that SCDF makes up; it makes up another for the container, Millrace does not. */
export const NAME_END = '-0123456789';

/** Secrets of the recording's cluster: name to the entry `credentials` as the API returns it. */
const CREDENTIALS: Readonly<Record<string, string>> = { probecred: 'ZFhObGNqcHdZWE56' };

const DATA_SOURCE = {
  url: '<jdbcUrl>',
  username: '<dbUser>',
  password: '<dbPassword>',
  driverClassName: 'org.postgresql.Driver',
};

/** Makes launches as the server does, without a database: what the last launch of a task left behind is kept here. */
export class KubernetesReplay {
  private readonly manifests = new Map<string, ReadonlyMap<string, string>>();

  /** @throws InvalidLaunchRequestError, DomainError for what the server refuses */
  async launch(launch: LaunchCase): Promise<Replayed> {
    const { configuration } = await loadConfiguration({
      environment: {
        SPRING_APPLICATION_JSON: JSON.stringify({
          'spring.cloud.dataflow.task.platform.kubernetes.accounts': { [launch.platform]: launch.account },
          ...launch.server,
        }),
      },
      arguments: [],
      workingDirectory: '/nowhere',
    });
    const service = new ApplicationPropertiesService(
      configuration,
      { jdbc: DATA_SOURCE } as unknown as Database,
      // The image of the recording has no metadata.
      { visibleProperties: () => Promise.resolve([]) } as unknown as AppMetadataService,
    );
    const account = readAccount(launch.platform, configuration.platforms.kubernetes[launch.platform] ?? {});
    const request = await this.requestOf(launch, service);
    const secret = probeCredentialsSecretOf(account, request.deploymentProperties);
    const probeCredentials = secret === undefined ? undefined : CREDENTIALS[secret];
    return {
      object: buildTaskObject({
        ...{ account, request, dataSourceSecret: null },
        ...(probeCredentials === undefined ? {} : { probeCredentials }),
      }),
      request,
    };
  }

  private async requestOf(launch: LaunchCase, service: ApplicationPropertiesService): Promise<LaunchRequest> {
    const task = parseTask(launch.task, launch.definition);
    const [taskApp] = taskApps(launch.task, task);
    if (isComposed(task) || taskApp === undefined) throw new Error('a composed task');
    const names = [taskApp.name, ...(taskApp.label === null ? [] : [taskApp.label])];
    const last = launch.after === undefined ? undefined : this.manifests.get(launch.task);
    const merged = mergeProperties(last ?? new Map(), parseLaunchProperties(launch.properties), names);
    const version = merged.get(`version.${taskApp.name}`);
    const uri = version === undefined ? launch.app.uri : launch.app.versions?.[version];
    if (uri === undefined) throw new Error(`no version ${version}`);
    const prefix = taskApp.label ?? taskApp.name;
    const injected = Object.entries(schemaProperties('2')).map(([key, value]): [string, string] => [
      `app.${prefix}.${key}`,
      value,
    ]);
    const properties = new Map([...merged, ...injected]);
    this.manifests.set(launch.task, properties);
    const appProperties = await service.resolve({
      taskName: launch.task,
      app: { name: taskApp.name } as AppRegistration,
      options: taskApp.options,
      properties,
      label: taskApp.label,
      platformType: 'Kubernetes',
    });
    return {
      externalExecutionId: `${launch.task.toLowerCase().slice(0, 52)}${NAME_END}`,
      execution: { id: 5, schemaTarget: 'boot2', instanceId: 'installation' },
      taskName: launch.task,
      resourceUri: uri,
      bootVersion: '2',
      appProperties,
      dataSource: service.dataSourceFor('Kubernetes', appProperties),
      deploymentProperties: deployerProperties(merged, names),
      arguments: cleanArguments(parseArguments(launch.arguments)),
      springArguments: [...schemaArguments(prefix, '2'), executionIdArgument(5)],
    };
  }
}
