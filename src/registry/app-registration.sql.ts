import type { PreparingSqlRunner } from '../database/database.js';
import { APP_TYPES, type AppRegistration, type AppType } from './app-registration.entity.js';
import { APP_COLUMNS, appOf, type AppRow } from './app-row.js';

/** The given version of an app, or its default version; null when there is none. */
export async function findApp(
  sql: PreparingSqlRunner,
  type: AppType,
  name: string,
  version?: string,
): Promise<AppRegistration | null> {
  const [row] = await sql.queryPrepared<AppRow>(
    `SELECT ${APP_COLUMNS} FROM millrace_app_registration
     WHERE type = $1 AND name = $2 AND ${version === undefined ? 'default_version' : 'version = $3'} LIMIT 1`,
    [APP_TYPES.indexOf(type), name, ...(version === undefined ? [] : [version])],
  );
  return row === undefined ? null : appOf(row, type);
}
