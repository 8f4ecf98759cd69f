/** Tells the log how an account is: once it is known at start, and whenever that changes. */
import type { PlatformLogger } from './platform-logger.js';

/** Whom the report is about. */
export interface ReportedAccount {
  readonly accountName: string;
  readonly namespace: string;
  readonly serverUrl: () => string | undefined;
  readonly version: () => string | undefined;
  /** What is not needed but missed, a sentence. */
  readonly remark: () => string | undefined;
  /** See `TaskPlatform.health`. */
  readonly health: () => Promise<string | undefined>;
}

/** How often is looked, ms; asking costs nothing but a look at the watches, and now and then a question about rights. */
const INTERVAL = 10_000;

export class AccountReport {
  #last: { readonly problem: string | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #closed = false;

  constructor(
    private readonly account: ReportedAccount,
    private readonly logger: PlatformLogger,
  ) {}

  /** Looks now, and from now on. */
  async start(): Promise<void> {
    if (this.#closed) return;
    this.#timer = setInterval(() => void this.#look(), INTERVAL).unref();
    await this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#closed = true;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const problem = await this.account.health().catch(String);
    this.#looking = false;
    // What is seen of an account that is being closed means nothing.
    if (this.#closed) return;
    const isNews = this.#last === undefined || this.#last.problem !== problem;
    this.#last = { problem };
    if (isNews) this.#tell(problem);
  }

  #tell(problem: string | undefined): void {
    const { accountName, namespace } = this.account;
    const server = this.account.serverUrl();
    const version = this.account.version();
    const facts = { account: accountName, namespace, server, version };
    if (problem !== undefined) {
      this.logger.error(facts, problem);
      return;
    }
    const where = `Kubernetes ${version ?? 'of an unknown version'} at ${server ?? 'an unknown address'}, namespace '${namespace}'`;
    this.logger.info(facts, `The Kubernetes account '${accountName}' is ready: ${where}.`);
    const remark = this.account.remark();
    if (remark !== undefined) this.logger.warn(facts, remark);
  }
}
