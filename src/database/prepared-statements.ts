import { createHash } from 'node:crypto';
import { sqlStateOf } from './sql-state.js';

/** How many different statements are prepared; each takes some memory of every connection. */
const LIMIT = 100;

/**
 * SQLSTATEs that tell that prepared statements do not work here: the name is unknown or taken (a connection pooler hands
 * out another session for each transaction), or the tables were altered under the plan (0A000).
 */
const UNUSABLE = new Set(['26000', '42P05', '0A000']);

/** Names for the statements that are worth preparing. */
export class PreparedStatements {
  private readonly names = new Map<string, string>();
  private usable = true;

  /** The name of a statement, the same on all servers; undefined when it is to be run without being prepared. */
  nameOf(sql: string): string | undefined {
    if (!this.usable) return undefined;
    const known = this.names.get(sql);
    if (known !== undefined || this.names.size >= LIMIT) return known;
    const name = `millrace_${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`;
    this.names.set(sql, name);
    return name;
  }

  /**
   * @returns whether an error means that prepared statements cannot be used; from then on none is prepared, and the
   * statement can be run again, since it did nothing
   */
  giveUpAfter(error: unknown): boolean {
    const code = sqlStateOf(error);
    if (code === undefined || !UNUSABLE.has(code)) return false;
    this.usable = false;
    return true;
  }
}
