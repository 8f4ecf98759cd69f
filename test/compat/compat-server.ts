import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerClient } from '../support/server-client.js';
import type { ServerProcess } from '../support/server-process.js';
import type { Target } from './target.js';

/** A server of the target without data, and a directory that goes with it. */
export class CompatServer {
  readonly client: ServerClient;

  private constructor(
    /** What lies under `/data` in the recordings; tasks run below `run` in it. */
    readonly data: string,
    private readonly server: ServerProcess,
  ) {
    this.client = new ServerClient(server.baseUrl);
  }

  /** @param properties Spring properties beside those of the main recording */
  static async start(target: Target, properties?: Readonly<Record<string, string>>): Promise<CompatServer> {
    const data = await mkdtemp(join(tmpdir(), 'millrace-compat-'));
    try {
      await mkdir(join(data, 'run'));
      return new CompatServer(data, await target.start(data, properties));
    } catch (failure) {
      await removeAll(data);
      throw failure;
    }
  }

  get baseUrl(): string {
    return this.server.baseUrl;
  }

  async close(): Promise<void> {
    await this.server.stop();
    await removeAll(this.data);
  }
}

/** Programs that have just ended may still write their last words. */
function removeAll(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
