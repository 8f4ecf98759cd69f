import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { MASK } from '../dsl/secrets.js';
import type { AppRegistration } from '../registry/registry.service.js';
import { AppMetadataService } from '../registry/metadata/app-metadata.service.js';
import { AmbiguousShortNameError, expandShortNames } from '../registry/metadata/short-names.js';
import { CommonProperties } from './common-properties.js';
import { below } from './launch-properties.js';
import { InvalidLaunchPropertiesError } from './launching.errors.js';

/** What an app's properties are made of. */
export interface ApplicationPropertySources {
  readonly taskName: string;
  readonly app: AppRegistration;
  /** Options in the definition. */
  readonly options: ReadonlyMap<string, string>;
  /** Merged `app.…` properties of this launch and earlier ones, with the injected ones. */
  readonly properties: ReadonlyMap<string, string>;
  readonly label: string | null;
  readonly platformType: 'Local' | 'Kubernetes';
}

/** Works out the properties that an application is started with. */
@Injectable()
export class ApplicationPropertiesService {
  private readonly common: CommonProperties;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly metadata: AppMetadataService,
  ) {
    this.common = new CommonProperties(configuration.task.applicationPropertiesResource);
  }

  /**
   * From lowest to highest precedence: options of the definition with the task's name and the data source's address, the common
   * properties, the server's properties for all tasks, `app.<app>.…`, `app.<label>.…`. The server's data source is not among
   * them; {@link dataSourceFor} tells it when the platform is asked. As in SCDF, credentials in a definition give way to the
   * server's, those among `app.<app>.…` do not.
   *
   * @throws InvalidLaunchPropertiesError for a short name that could mean several properties
   */
  async resolve(sources: ApplicationPropertySources): Promise<Readonly<Record<string, string>>> {
    const { app, label, properties } = sources;
    const own = { ...Object.fromEntries(sources.options), 'spring.cloud.task.name': sources.taskName };
    const asked = {
      ...below(properties, `app.${app.name}.`),
      ...(label === null ? {} : below(properties, `app.${label}.`)),
    };
    return {
      ...this.withoutCredentials(await this.expanded(app, own), sources.platformType),
      ...(await this.sharedBy(sources.platformType)),
      ...(await this.expanded(app, asked)),
    };
  }

  /** What every task is given: the common properties, and the server's for all tasks. */
  async sharedBy(platformType: 'Local' | 'Kubernetes'): Promise<Readonly<Record<string, string>>> {
    return { ...(await this.common.forPlatform(platformType)), ...this.configuration.task.applicationProperties };
  }

  /**
   * What of the server's data source an application is handed: everything that its own properties do not say, but no
   * credentials on Kubernetes if the operator provides them there (`use-kubernetes-secrets-for-db-credentials`).
   */
  dataSourceFor(
    platformType: 'Local' | 'Kubernetes',
    properties: Readonly<Record<string, string>>,
  ): Readonly<Record<string, string>> {
    const { url, username, password, driverClassName } = this.database.jdbc;
    const credentials = { 'spring.datasource.username': username, 'spring.datasource.password': password };
    const offered = {
      'spring.datasource.url': url,
      'spring.datasource.driverClassName': driverClassName,
      ...(this.handsOutCredentials(platformType) ? credentials : {}),
    };
    const given = new Set(Object.keys(properties));
    if (given.has('spring.datasource.driver-class-name')) given.add('spring.datasource.driverClassName');
    return Object.fromEntries(Object.entries(offered).filter(([name]) => !given.has(name)));
  }

  /** The data source as manifests show it. */
  maskedDataSource(): Readonly<Record<string, string>> {
    return {
      'spring.datasource.url': MASK,
      'spring.datasource.username': MASK,
      'spring.datasource.password': MASK,
      'spring.datasource.driverClassName': this.database.jdbc.driverClassName,
    };
  }

  private handsOutCredentials(platformType: 'Local' | 'Kubernetes'): boolean {
    return platformType === 'Local' || !this.configuration.task.useKubernetesSecretsForDbCredentials;
  }

  private withoutCredentials(properties: Readonly<Record<string, string>>, platformType: 'Local' | 'Kubernetes') {
    if (!this.handsOutCredentials(platformType)) return properties;
    const { 'spring.datasource.username': _username, 'spring.datasource.password': _password, ...rest } = properties;
    return rest;
  }

  private async expanded(app: AppRegistration, properties: Readonly<Record<string, string>>) {
    const shortNames = Object.keys(properties).filter((name) => !name.includes('.'));
    if (shortNames.length === 0) return properties;
    try {
      return expandShortNames(properties, await this.metadata.visibleProperties(app));
    } catch (error) {
      if (error instanceof AmbiguousShortNameError) throw new InvalidLaunchPropertiesError(error.message);
      throw error;
    }
  }
}
