import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isDatabaseUnavailable } from './database-unavailable.js';
import { Database } from './database.js';

/** Time between two looks at the counts, ms: short while there is work, longer when there was none. */
const BUSY_INTERVAL = 1_000;
const IDLE_INTERVAL = 5_000;
/** How often the counts are compared with the rows themselves, ms. */
const VERIFY_INTERVAL = 24 * 3_600_000;

/**
 * Keeps the counts of executions small and true in the background, and reports texts that SCDF's large objects have lost.
 * Any number of servers may do this at once: the database lets one of them work.
 */
@Injectable()
export class DatabaseUpkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Database');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private verifyDue = 0;

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  /** Waits for what is in progress. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(delay: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.turn();
    }, delay);
    this.timer.unref();
  }

  private async turn(): Promise<void> {
    let folded = 0;
    try {
      if (Date.now() >= this.verifyDue) await this.verify();
      folded = await this.compact();
    } catch (error) {
      // The database is away: the next turn finds out whether it is back.
      if (!isDatabaseUnavailable(error)) this.log.error(`Counting executions failed: ${String(error)}`);
    }
    this.schedule(folded > 0 ? BUSY_INTERVAL : IDLE_INTERVAL);
  }

  private async compact(): Promise<number> {
    const [row] = await this.database.query<{ folded: number }>('select millrace_compact_counts() as folded');
    return row?.folded ?? 0;
  }

  private async verify(): Promise<void> {
    await this.database.tryWithLease('verify-counts', async () => {
      const [row] = await this.database.query<{ corrected: number }>('select millrace_verify_counts() as corrected');
      if (row !== undefined && row.corrected > 0) {
        this.log.warn(`The counts of executions were wrong in ${row.corrected} places and are corrected.`);
      }
      await this.reportLostTexts();
    });
    this.verifyDue = Date.now() + VERIFY_INTERVAL;
  }

  private async reportLostTexts(): Promise<void> {
    const lost = await this.database.query<{ table_name: string; row_key: string; column_name: string }>(
      'select table_name, row_key, column_name from millrace_lost_text order by 1, 2, 3 limit 20',
    );
    if (lost.length === 0) return;
    const rows = lost.map((row) => `${row.table_name}.${row.column_name} of ${row.row_key}`).join(', ');
    this.log.error(
      `The database has lost large objects in which SCDF kept texts (by vacuumlo, or a restore without large objects): ${rows}. ` +
        'Register these applications or create these definitions again, or restore the objects from a backup.',
    );
  }
}
