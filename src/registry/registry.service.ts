import { Injectable } from '@nestjs/common';
import { type EntityManager, type FindOptionsWhere, In, Raw } from 'typeorm';
import { AuditService } from '../audit/audit.service.js';
import type { AuditAction } from '../audit/audit-types.js';
import { Database, type Transaction } from '../database/database.js';
import type { Page, PageRequest } from '../representation/page.js';
import { sortOrder } from '../representation/sort.js';
import { checkAppUri, InvalidAppUriError, uriWithoutVersion } from '../resources/app-uri.js';
import { AppRegistration, type AppType, type BootVersion } from './app-registration.entity.js';
import { findApp } from './app-registration.sql.js';
import type { ImportedApp } from './bulk-import.js';
import {
  AppAlreadyRegisteredError,
  DifferentAppUriError,
  InvalidAppRegistrationError,
  InvalidApplicationNameError,
  NoSuchAppRegistrationError,
} from './registry.errors.js';

export type { AppRegistration };

/** What is to be registered. */
export interface AppRegistrationRequest {
  readonly type: AppType;
  readonly name: string;
  readonly version: string;
  readonly uri: string;
  readonly metadataUri: string | null;
  readonly bootVersion: BootVersion;
}

/** Which apps are asked for. */
export interface AppFilter {
  readonly type: AppType | undefined;
  /** Part of the name, in any case. */
  readonly search: string | undefined;
  /** The whole version, in any case. */
  readonly version: string | undefined;
  readonly defaultVersionOnly: boolean;
}

/** What a list of apps can be sorted by. */
export const APP_SORT_PROPERTIES = {
  name: 'name',
  type: 'type',
  version: 'version',
  uri: 'uri',
  metadataUri: 'metadataUri',
  defaultVersion: 'defaultVersion',
  bootVersion: 'bootVersion',
  id: 'id',
} as const;

const MAXIMUM_LENGTH = 255;

/** Keeps the app registrations: which image, jar or program a name in a definition means. */
@Injectable()
export class RegistryService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  /** @throws InvalidSortError */
  async list(filter: AppFilter, request: PageRequest): Promise<Page<AppRegistration>> {
    const order = sortOrder<AppRegistration>(request, APP_SORT_PROPERTIES, 'AppRegistration');
    const [elements, totalElements] = await this.database.dataSource.getRepository(AppRegistration).findAndCount({
      where: whereOf(filter),
      order: { ...order, ...(order.id === undefined ? { id: 'ASC' as const } : {}) },
      skip: request.offset,
      take: request.size,
    });
    return { elements, totalElements };
  }

  /** All versions of these apps, by `type:name`. */
  async versionsOf(apps: readonly AppRegistration[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const versions = new Map<string, string[]>();
    if (apps.length === 0) return versions;
    const all = await this.database.dataSource.getRepository(AppRegistration).find({
      select: { id: true, name: true, type: true, version: true },
      where: { name: In([...new Set(apps.map((app) => app.name))]) },
      order: { id: 'ASC' },
    });
    for (const { type, name, version } of all) {
      const key = `${type}:${name}`;
      versions.set(key, [...(versions.get(key) ?? []), version]);
    }
    return versions;
  }

  /**
   * The given version of an app, or its default version.
   * @throws NoSuchAppRegistrationError
   */
  async find(type: AppType, name: string, version?: string): Promise<AppRegistration> {
    const found = await this.findIfRegistered(type, name, version);
    if (found === null) throw new NoSuchAppRegistrationError(type, name, version);
    return found;
  }

  /** Like {@link find}, with null for an app that is not registered. */
  async findIfRegistered(type: AppType, name: string, version?: string): Promise<AppRegistration | null> {
    return findApp(this.database, type, name, version);
  }

  /** Names of all task apps that have a default version, in the order of their registration. */
  async taskAppNames(): Promise<readonly string[]> {
    const apps = await this.database.dataSource
      .getRepository(AppRegistration)
      .find({ select: { id: true, name: true }, where: { type: 'task', defaultVersion: true }, order: { id: 'ASC' } });
    return apps.map((app) => app.name);
  }

  /** The default versions of these task apps, by name; names that are not registered are missing. */
  async defaultTaskApps(names: readonly string[]): Promise<ReadonlyMap<string, AppRegistration>> {
    const apps = await this.database.dataSource
      .getRepository(AppRegistration)
      .findBy({ type: 'task', name: In([...new Set(names)]), defaultVersion: true });
    return new Map(apps.map((app) => [app.name, app]));
  }

  /**
   * Registers a version of an app. The first version becomes the default.
   * @throws AppAlreadyRegisteredError unless forced
   * @throws DifferentAppUriError when the uri differs from the default version's in more than the version
   * @throws InvalidAppRegistrationError, InvalidApplicationNameError
   */
  async register(request: AppRegistrationRequest, force: boolean): Promise<AppRegistration> {
    checkRequest(request);
    return this.database.transaction(async (transaction) => {
      await lockApp(transaction.manager, request);
      const registered = await this.save(transaction, request, force);
      if (registered === undefined) {
        const { type, name, version } = request;
        const existing = await findApp(transaction, type, name, version);
        throw new AppAlreadyRegisteredError(type, name, existing?.uri ?? request.uri);
      }
      return registered;
    });
  }

  /**
   * Registers many apps in one transaction; those that exist are skipped unless forced.
   * @returns the ones that were written
   */
  async registerAll(requests: readonly ImportedApp[], force: boolean): Promise<readonly AppRegistration[]> {
    requests.forEach(checkRequest);
    return this.database.transaction(async (transaction) => {
      const written: AppRegistration[] = [];
      for (const request of requests) {
        await lockApp(transaction.manager, request);
        const registered = await this.save(transaction, request, force);
        if (registered !== undefined) written.push(registered);
      }
      return written;
    });
  }

  /** @throws NoSuchAppRegistrationError, leaving the old default in place */
  async setDefault(type: AppType, name: string, version: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const { manager } = transaction;
      await lockApp(manager, { type, name });
      const app = await findApp(transaction, type, name, version);
      if (app === null) throw new NoSuchAppRegistrationError(type, name, version);
      const previous = await findApp(transaction, type, name);
      if (previous !== null && previous.id !== app.id) {
        await manager.update(AppRegistration, previous.id, {
          defaultVersion: false,
          objectVersion: previous.objectVersion + 1,
        });
      }
      await manager.update(AppRegistration, app.id, { defaultVersion: true, objectVersion: app.objectVersion + 1 });
      await this.record(manager, 'UPDATE', { ...app, defaultVersion: true });
    });
  }

  /**
   * Removes a version, or the default version. No other version becomes the default, as in SCDF.
   * @throws NoSuchAppRegistrationError
   */
  async unregister(type: AppType, name: string, version?: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const { manager } = transaction;
      await lockApp(manager, { type, name });
      const app = await findApp(transaction, type, name, version);
      if (app === null) throw new NoSuchAppRegistrationError(type, name, version);
      await manager.delete(AppRegistration, app.id);
      await this.record(manager, 'DELETE', { ...app, uri: '', metadataUri: '', defaultVersion: false });
    });
  }

  /** Removes every app; unlike SCDF, each removal is written into the audit trail. */
  async unregisterAll(): Promise<void> {
    await this.database.transaction(async ({ manager }) => {
      const apps = await manager.find(AppRegistration, { order: { id: 'ASC' } });
      for (const app of apps) {
        await manager.delete(AppRegistration, app.id);
        await this.record(manager, 'DELETE', { ...app, uri: '', metadataUri: '', defaultVersion: false });
      }
    });
  }

  /** @returns undefined for an existing version that is not to be overwritten */
  private async save(
    transaction: Transaction,
    request: AppRegistrationRequest,
    force: boolean,
  ): Promise<AppRegistration | undefined> {
    const { manager } = transaction;
    const { type, name, version, uri, metadataUri, bootVersion } = request;
    const current = await findApp(transaction, type, name);
    if (current !== null && uriWithoutVersion(current.uri, current.version) !== uriWithoutVersion(uri, version)) {
      throw new DifferentAppUriError(current.uri, uri);
    }
    const existing = await findApp(transaction, type, name, version);
    if (existing !== null) {
      if (!force) return undefined;
      // SCDF replaces the uris only: boot version and default flag stay what they were.
      const replaced = { uri, metadataUri, objectVersion: existing.objectVersion + 1 };
      await manager.update(AppRegistration, existing.id, replaced);
      await this.record(manager, 'UPDATE', { ...existing, ...replaced });
      return { ...existing, ...replaced };
    }
    const app: AppRegistration = {
      id: await nextId(manager),
      objectVersion: 0,
      defaultVersion: current === null,
      ...{ type, name, version, uri, metadataUri, bootVersion },
    };
    await manager.insert(AppRegistration, app);
    await this.record(manager, 'CREATE', app);
    return app;
  }

  private record(manager: EntityManager, action: AuditAction, app: AppRegistration): Promise<void> {
    return this.audit.record(manager, {
      operation: 'APP_REGISTRATION',
      action,
      correlationId: app.name,
      data: {
        metaDataUri: app.metadataUri,
        APP_NAME: app.name,
        APP_TYPE: app.type,
        APP_VERSION: app.version,
        uri: app.uri,
        APP_IS_DEFAULT: app.defaultVersion,
      },
    });
  }
}

function whereOf(filter: AppFilter): FindOptionsWhere<AppRegistration> {
  return {
    ...(filter.type === undefined ? {} : { type: filter.type }),
    ...(filter.defaultVersionOnly ? { defaultVersion: true } : {}),
    ...(filter.search === undefined
      ? {}
      : {
          name: Raw((column) => `position(lower(:search) IN lower(${column})) > 0`, { search: filter.search }),
        }),
    ...(filter.version === undefined
      ? {}
      : { version: Raw((column) => `lower(${column}) = lower(:version)`, { version: filter.version }) }),
  };
}

function checkRequest(request: AppRegistrationRequest): void {
  if (request.name.length > MAXIMUM_LENGTH) {
    throw new InvalidApplicationNameError('Length of application name must be less than 256 characters');
  }
  if (request.name.includes(':')) {
    throw new InvalidApplicationNameError(`Application name: '${request.name}' cannot contain: ':'`);
  }
  if (request.name.trim() === '') throw new InvalidApplicationNameError('An application name must not be blank');
  if (request.version.length > MAXIMUM_LENGTH || request.version.trim() === '') {
    throw new InvalidAppRegistrationError(
      `A version has 1 to ${MAXIMUM_LENGTH} characters; this one has ${request.version.length}`,
    );
  }
  for (const uri of [request.uri, ...(request.metadataUri === null ? [] : [request.metadataUri])]) checkUri(uri);
}

function checkUri(uri: string): void {
  try {
    checkAppUri(uri);
  } catch (error) {
    if (error instanceof InvalidAppUriError) throw new InvalidAppRegistrationError(error.message);
    throw error;
  }
}

/** The table has no unique constraint (it is SCDF's), so writers of one app take turns. */
async function lockApp(manager: EntityManager, app: { readonly type: AppType; readonly name: string }): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`app:${app.type}:${app.name}`]);
}

async function nextId(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ id: number }[]>(`SELECT nextval('hibernate_sequence') AS id`);
  if (row === undefined) throw new Error('hibernate_sequence gave no value');
  return row.id;
}
