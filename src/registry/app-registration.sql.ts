import type { PreparingSqlRunner } from '../database/database.js';
import { APP_TYPES, type AppRegistration, type AppType, bootVersionStored } from './app-registration.entity.js';

interface AppRow extends Omit<AppRegistration, 'type' | 'bootVersion'> {
  readonly bootVersion: string | null;
}

/** The given version of an app, or its default version; null when there is none. Every launch asks for one. */
export async function findApp(
  sql: PreparingSqlRunner,
  type: AppType,
  name: string,
  version?: string,
): Promise<AppRegistration | null> {
  const [row] = await sql.queryPrepared<AppRow>(
    `SELECT id, object_version AS "objectVersion", name, version, uri, metadata_uri AS "metadataUri",
            default_version AS "defaultVersion", boot_version AS "bootVersion"
     FROM millrace_app_registration
     WHERE type = $1 AND name = $2 AND ${version === undefined ? 'default_version' : 'version = $3'} LIMIT 1`,
    [APP_TYPES.indexOf(type), name, ...(version === undefined ? [] : [version])],
  );
  return row === undefined ? null : { ...row, type, bootVersion: bootVersionStored(row.bootVersion) };
}
