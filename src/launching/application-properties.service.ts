import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION } from '../configuration/configuration-token.js';
import type { MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { MASK } from '../dsl/secrets.js';
import type { AppRegistration } from '../registry/app-registration.entity.js';
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
   * properties, the server's properties for all tasks, `app.<app>.…`, `app.<label>.…`. Credentials of the data source are
   * not among them; {@link withDataSource} adds them when the platform is asked.
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
      ...(await this.expanded(app, own)),
      ...(await this.common.forPlatform(sources.platformType)),
      ...this.configuration.task.applicationProperties,
      ...(await this.expanded(app, asked)),
    };
  }

  /** Adds the data source: user and password are always the server's, address and driver unless the user gave others. */
  withDataSource(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const { url, username, password, driverClassName } = this.database.jdbc;
    const hasDriver =
      'spring.datasource.driverClassName' in properties || 'spring.datasource.driver-class-name' in properties;
    return {
      ...('spring.datasource.url' in properties ? {} : { 'spring.datasource.url': url }),
      ...(hasDriver ? {} : { 'spring.datasource.driverClassName': driverClassName }),
      ...properties,
      'spring.datasource.username': username,
      'spring.datasource.password': password,
    };
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
