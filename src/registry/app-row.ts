import { APP_TYPES, type AppRegistration, type AppType, bootVersionStored } from './app-registration.entity.js';

/** An app as {@link APP_COLUMNS} give it, also when they have gone through JSON. */
export interface AppRow extends Omit<AppRegistration, 'type' | 'bootVersion'> {
  readonly bootVersion: string | null;
}

/** The columns of an app, from `millrace_app_registration`. */
export const APP_COLUMNS = `id, object_version AS "objectVersion", name, version, uri, metadata_uri AS "metadataUri",
            default_version AS "defaultVersion", boot_version AS "bootVersion"`;

/**
 * A query for the default version of a task app; statements of other features may hold it as a part.
 * @param name an SQL expression
 */
export const selectDefaultTaskApp = (name: string) =>
  `SELECT ${APP_COLUMNS} FROM millrace_app_registration
   WHERE type = ${APP_TYPES.indexOf('task')} AND default_version AND name = ${name} LIMIT 1`;

/** The app of a row that is known to be of a type. */
export function appOf(row: AppRow, type: AppType): AppRegistration {
  return { ...row, type, bootVersion: bootVersionStored(row.bootVersion) };
}
