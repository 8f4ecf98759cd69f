import { statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import type { TaskPlatform } from '../platforms/platform.js';
import { messageOf } from '../resources/system-error.js';
import type { Health } from './health.resource.js';

/** A part that does not answer within this time is down, ms. */
const PATIENCE = 5_000;

/** Less free space than this is none, bytes; Spring Boot's own threshold. */
const DISK_THRESHOLD = 10 * 1024 * 1024;

const UP: Health = { status: 'UP' };

/** How a platform account is. */
export interface AccountHealth {
  readonly account: string;
  readonly type: TaskPlatform['type'];
  /** Where it is: of Kubernetes the API server and the namespace. */
  readonly facts: Readonly<Record<string, string>>;
  /** One sentence; undefined when all is well. */
  readonly problem: string | undefined;
}

/** How the server and its parts are. */
@Injectable()
export class HealthService {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
  ) {}

  /**
   * The whole: down when the database or the disk is. A platform account that cannot be reached is shown, but does not count:
   * history and the other accounts are served all the same, and no restart would help.
   */
  async overall(): Promise<Health> {
    const { probesEnabled, showHealthComponents } = this.configuration.management;
    const [db, diskSpace] = await Promise.all([this.databaseHealth(), this.diskHealth()]);
    const status = db.status === 'UP' ? diskSpace.status : db.status;
    const groups = probesEnabled ? { groups: ['liveness', 'readiness'] } : {};
    if (!showHealthComponents) return { status, ...groups };
    const probes: Readonly<Record<string, Health>> = probesEnabled ? { livenessState: UP, readinessState: UP } : {};
    const platforms = await this.platformsHealth();
    const whole = { status, components: { db, diskSpace, ping: UP, platforms, ...probes }, ...groups };
    return this.configuration.management.showHealthDetails ? whole : withoutDetails(whole);
  }

  /**
   * Health of one probe or part; undefined for a name that means nothing, or that is not shown.
   *
   * Liveness and readiness do not ask for the database, as in Spring Boot: without it the server still tells its clients so
   * (503 with Retry-After), which a pod taken out of service cannot.
   *
   * @param path `liveness`, `db`, `platforms/default`
   */
  async part(path: string): Promise<Health | undefined> {
    const { probesEnabled, showHealthComponents } = this.configuration.management;
    if (path === 'liveness' || path === 'readiness') return probesEnabled ? UP : undefined;
    if (!showHealthComponents) return undefined;
    let found: Health | undefined = await this.overall();
    for (const name of path.split('/')) {
      const components: Readonly<Record<string, Health>> = found.components ?? {};
      found = Object.hasOwn(components, name) ? components[name] : undefined;
      if (found === undefined) return undefined;
    }
    return found;
  }

  private async databaseHealth(): Promise<Health> {
    const problem = await problemOf(() => this.database.query('select 1'));
    return problem === undefined
      ? { status: 'UP', details: { database: 'PostgreSQL', validationQuery: 'select 1' } }
      : { status: 'DOWN', details: { error: problem } };
  }

  private async diskHealth(): Promise<Health> {
    const path = this.configuration.millrace.dataDir;
    try {
      const { bsize, blocks, bavail } = await statfs(path);
      const free = bavail * bsize;
      const status = free < DISK_THRESHOLD ? 'DOWN' : 'UP';
      return { status, details: { total: blocks * bsize, free, threshold: DISK_THRESHOLD, path, exists: true } };
    } catch {
      // The directory is made when something needs it.
      return { status: 'UP', details: { threshold: DISK_THRESHOLD, path, exists: false } };
    }
  }

  /** Every platform account, with what is wrong with it. */
  accounts(): Promise<readonly AccountHealth[]> {
    return Promise.all(
      this.platforms.all().map(async (platform) => {
        let problem: string | undefined;
        const failure = await problemOf(async () => {
          problem = await platform.health();
        });
        const { accountName: account, type, environment } = platform;
        const { platformSpecificInfo: facts } = environment;
        return { account, type, facts, problem: failure ?? problem };
      }),
    );
  }

  private async platformsHealth(): Promise<Health> {
    const accounts = await this.accounts();
    const components = accounts.map(({ account, type, facts, problem }): [string, Health] => {
      const error = problem === undefined ? {} : { error: problem };
      return [account, { status: problem === undefined ? 'UP' : 'DOWN', details: { type, ...facts, ...error } }];
    });
    const status = accounts.some(({ problem }) => problem !== undefined) ? 'DOWN' : 'UP';
    return { status, components: Object.fromEntries(components) };
  }
}

/** `show-components` without `show-details`: how the parts are, but not why. */
function withoutDetails({ details: _hidden, components, ...health }: Health): Health {
  if (components === undefined) return health;
  const bare = Object.entries(components).map(([name, part]) => [name, withoutDetails(part)] as const);
  return { ...health, components: Object.fromEntries(bare) };
}

/** Why a check fails, or that it takes too long; undefined when it succeeds. */
async function problemOf(check: () => Promise<unknown>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer for ${PATIENCE} ms`), PATIENCE);
  });
  const checked = check().then(() => undefined, messageOf);
  try {
    return await Promise.race([checked, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
