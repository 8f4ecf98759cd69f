import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Database } from '../database/database.js';
import { DatabaseUnavailableError } from '../database/database-unavailable.js';
import type { PlatformStatus, TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { InvalidParameterError } from '../representation/domain-error.js';
import type { Page, PageRequest } from '../representation/page.js';
import { messageOf } from '../resources/system-error.js';
import { NoOrphanError, NoSuchOrphanError, PlatformUnavailableError } from './executions.errors.js';
import { findNamesWithRow } from './orphan.sql.js';
import { platformNamed } from './platform-named.js';

/** Something that this installation made on a platform, and of which it has no row (any more). */
export interface Orphan {
  readonly platform: TaskPlatform;
  /** Name of pod or process. */
  readonly name: string;
  /** Undefined when the platform cannot say at present. */
  readonly status: PlatformStatus | undefined;
}

/** What became of orphans that were to be removed. */
export interface OrphanRemoval {
  readonly removed: readonly string[];
  /** Those whose end or removal takes its time; to be asked for again while they are listed. */
  readonly stopping: readonly string[];
}

/** How long a removal waits for what still runs, and then for the platform to remove it, ms. */
const PATIENCE = 10_000;

/** ms */
const LOOK_INTERVAL = 200;

/** Finds and removes what runs or lies on platforms though no execution knows of it: rows were removed, the rest was not. */
@Injectable()
export class OrphansService {
  constructor(
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
    private readonly audit: AuditService,
  ) {}

  /**
   * One page, by account in the order of the configuration, then by name; of a platform that belongs to one machine those of
   * this server's.
   * @param platformName all accounts if undefined
   * @throws NoSuchLauncherError, PlatformUnavailableError
   */
  async list(platformName: string | undefined, { offset, size }: PageRequest): Promise<Page<Orphan>> {
    const platforms = platformName === undefined ? this.platforms.all() : [platformNamed(this.platforms, platformName)];
    const found: { platform: TaskPlatform; name: string }[] = [];
    for (const platform of platforms) {
      for (const name of await this.namesOn(platform)) found.push({ platform, name });
    }
    const elements: Orphan[] = [];
    for (const { platform, name } of found.slice(offset, offset + size)) {
      const [status] = await asking(platform, () => platform.status([name]));
      elements.push({ platform, name, status });
    }
    return { elements, totalElements: found.length };
  }

  /**
   * Stops those that run, and removes those that have ended.
   * @throws NoSuchLauncherError
   * @throws NoOrphanError when there is a row of any of them; then nothing is removed
   * @throws NoSuchOrphanError when the platform has nothing of that name; then nothing is removed
   * @throws PlatformUnavailableError when the platform does not answer; what was not removed can be removed again
   */
  async remove(platformName: string, names: readonly string[]): Promise<OrphanRemoval> {
    const platform = platformNamed(this.platforms, platformName);
    const asked = [...new Set(names)];
    if (asked.length === 0) throw new InvalidParameterError('No orphan is named: names is empty.');
    const withRow = await findNamesWithRow(this.database, asked);
    if (withRow.size > 0) throw new NoOrphanError([...withRow]);
    const orphans = new Set(await this.namesOn(platform));
    const missing = asked.filter((name) => !orphans.has(name));
    if (missing.length > 0) throw new NoSuchOrphanError(missing, platformName);
    await this.audit.record(this.database.dataSource.manager, {
      operation: 'TASK',
      action: 'DELETE',
      correlationId: `${asked.length} Orphan Delete(s)`,
      platformName,
      data: { 'Deleted Orphans': asked },
    });
    const left = await asking(platform, () => removeAll(platform, asked));
    return { removed: asked.filter((name) => !left.has(name)), stopping: asked.filter((name) => left.has(name)) };
  }

  private async namesOn(platform: TaskPlatform): Promise<readonly string[]> {
    const names = await asking(platform, async () =>
      platform.orphans?.((candidates) => findNamesWithRow(this.database, candidates)),
    );
    return [...(names ?? [])].sort();
  }
}

/** @returns those of which something is left */
async function removeAll(platform: TaskPlatform, names: readonly string[]): Promise<ReadonlySet<string>> {
  const cleaned = await Promise.all(names.map((name) => endAndCleanUp(platform, name)));
  // A cluster takes note of a deletion, and deletes by and by. What it said last of an execution it may go on saying.
  const going = new Set(names.filter((_, position) => cleaned[position]));
  let left: readonly string[] = [];
  await comesTrue(async () => {
    const others = (found: readonly string[]) => new Set(found.filter((name) => !going.has(name)));
    left = (await platform.orphans?.(async (found) => others(found))) ?? [];
    return left.length === 0;
  });
  return new Set([...names.filter((name) => !going.has(name)), ...left]);
}

/** @returns whether it has ended, so that it could be cleaned up */
async function endAndCleanUp(platform: TaskPlatform, name: string): Promise<boolean> {
  const isOver = async () => {
    const [status] = await platform.status([name]);
    return !['waiting', 'running'].includes(status?.phase ?? 'running');
  };
  if (!(await isOver())) await platform.cancel(name);
  if (!(await comesTrue(isOver))) return false;
  await platform.cleanUp(name);
  return true;
}

/** @returns whether it came true within {@link PATIENCE} */
async function comesTrue(condition: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + PATIENCE; !(await condition()); await sleep(LOOK_INTERVAL)) {
    if (Date.now() > deadline) return false;
  }
  return true;
}

/** Names the account whose platform does not answer. */
async function asking<Result>(platform: TaskPlatform, question: () => Promise<Result>): Promise<Result> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error;
    throw new PlatformUnavailableError(platform.accountName, messageOf(error));
  }
}
