import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { scratchDirectory } from './database.js';
import { getJson } from './http.js';
import { eventually } from './workbench.js';

/** A PostgreSQL of a test's own, to be stopped and started under a running server that knows it by its address only. */
export class StoppablePostgres {
  private isUp = true;
  private readonly port: number;

  private constructor(
    private readonly directory: string,
    private embedded: EmbeddedPostgres,
  ) {
    this.port = this.portNow();
  }

  static async start(): Promise<StoppablePostgres> {
    const directory = await mkdtemp(join(scratchDirectory(), 'millrace-stoppable-'));
    // The account that PostgreSQL gets when this is root has to reach it.
    await chmod(directory, 0o755);
    return new StoppablePostgres(directory, await EmbeddedPostgres.start({ dataDir: directory, durable: false }));
  }

  /** Properties of a server that uses it. */
  get properties(): Readonly<Record<string, string>> {
    const { user = '', password = '', database } = this.embedded.connection;
    return {
      'spring.datasource.url': `jdbc:postgresql://127.0.0.1:${this.port}/${database}`,
      'spring.datasource.username': user,
      'spring.datasource.password': password,
    };
  }

  async stop(): Promise<void> {
    this.isUp = false;
    await this.embedded.close();
  }

  /** @throws Error when another process has taken its port meanwhile: no server would find it again */
  async startAgain(): Promise<void> {
    this.embedded = await EmbeddedPostgres.start({ dataDir: this.directory, durable: false });
    this.isUp = true;
    if (this.portNow() !== this.port) throw new Error(`somebody else took port ${this.port} of PostgreSQL`);
  }

  /** Stops it and removes its data. */
  async close(): Promise<void> {
    if (this.isUp) await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  private portNow(): number {
    return this.embedded.connection.hosts[0]?.port ?? 0;
  }
}

/**
 * Waits until a server answers again that was without its database. Its pool may hold connections that died unnoticed, each
 * good for one refusal more: it has to answer as often as the pool is large.
 *
 * @param target of a resource that comes from the database
 * @param onRefusal sees every answer that is not 200
 */
export async function untilRecovered(
  baseUrl: string,
  target: string,
  onRefusal: (answer: Awaited<ReturnType<typeof getJson>>) => void = () => undefined,
): Promise<void> {
  await eventually(
    () => Promise.all(Array.from({ length: POOL }, () => getJson(baseUrl, target))),
    (answers) => {
      const refusals = answers.filter(({ status }) => status !== 200);
      refusals.forEach(onRefusal);
      return refusals.length === 0;
    },
    60_000,
  );
}

/** Connections of a server's pool, as SCDF has it. */
const POOL = 10;
