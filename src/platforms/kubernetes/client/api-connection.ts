/** The way to one API server: address, kept connections, and credentials that are renewed in time. */
import { Agent, type RequestOptions } from 'node:https';
import type { Agent as HttpAgent } from 'node:http';
import { messageOf } from '../../../resources/system-error.js';
import { ConnectionError } from './api-error.js';
import type { ConnectionSettings } from './connection-settings.js';
import { findCluster, type ClusterAccess } from './kubeconfig.js';

/** How long credentials are used before they are read again, ms; projected tokens change every hour, exec ones sooner. */
const CREDENTIALS_LIFE = 60_000;

/** Refused credentials are not read again more often than this, ms. */
const RENEWAL_PAUSE = 5_000;

/** What a request needs to be sent. */
export interface Route {
  readonly serverUrl: string;
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string>>;
}

/** Opened once an account; reads files only when a request needs them. */
export class ApiConnection {
  #access: ClusterAccess | undefined;
  #route: { readonly value: Promise<Route>; readonly since: number } | undefined;
  #agent: { readonly value: HttpAgent; readonly identity: string } | undefined;

  constructor(
    readonly settings: ConnectionSettings,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {}

  /** Base URL of the API server; undefined when none can be found (yet). */
  get serverUrl(): string | undefined {
    return this.#tryAccess()?.serverUrl;
  }

  /** Namespace that goes with the settings or the context; undefined when none does. */
  get namespace(): string | undefined {
    return this.#tryAccess()?.namespace;
  }

  /** @throws ConnectionError code `CREDENTIALS` when there is no way or no identity */
  route(): Promise<Route> {
    const now = performance.now();
    if (this.#route === undefined || now - this.#route.since > CREDENTIALS_LIFE) {
      const value = this.#makeRoute();
      this.#route = { value, since: now };
      // What has failed is tried anew by the next request.
      value.catch(() => (this.#route = undefined));
    }
    return this.#route.value;
  }

  /**
   * To be called when the API server did not accept the credentials.
   * @returns whether they will be read anew; false when that has just been done
   */
  renew(): boolean {
    if (this.#route !== undefined && performance.now() - this.#route.since < RENEWAL_PAUSE) return false;
    this.#access = undefined;
    this.#route = undefined;
    return true;
  }

  /** Ends kept connections. */
  close(): void {
    this.#agent?.value.destroy();
  }

  #tryAccess(): ClusterAccess | undefined {
    try {
      return (this.#access ??= findCluster(this.settings, this.environment));
    } catch {
      return undefined;
    }
  }

  async #makeRoute(): Promise<Route> {
    const access = (this.#access ??= findCluster(this.settings, this.environment));
    const options: RequestOptions = {};
    if (this.settings.clientKeyPassphrase !== undefined) options.passphrase = this.settings.clientKeyPassphrase;
    try {
      await access.config.applyToHTTPSOptions(options);
    } catch (error) {
      const detail = messageOf(error);
      throw new ConnectionError('CREDENTIALS', `its credentials cannot be read: ${detail}`, { cause: error });
    }
    const headers: Record<string, string> = { 'user-agent': this.settings.userAgent ?? 'millrace' };
    for (const [name, value] of Object.entries(options.headers ?? {}))
      headers[name.toLowerCase()] = String(value).trim();
    if (typeof options.auth === 'string') {
      headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    }
    return { serverUrl: access.serverUrl, agent: this.#agentFor(options), headers };
  }

  /** The library makes an agent a request, which would mean a TLS handshake a request: one is kept while nothing changes. */
  #agentFor(options: RequestOptions): HttpAgent {
    const identity = [options.ca, options.cert, options.key].map(String).join('\n');
    if (this.#agent?.identity === identity) return this.#agent.value;
    const agent = options.agent;
    if (typeof agent !== 'object') throw new ConnectionError('CREDENTIALS', 'its proxy cannot be used');
    Object.assign(agent, { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 64 });
    if (this.settings.disableHostnameVerification && agent instanceof Agent) {
      agent.options.checkServerIdentity = () => undefined;
    }
    // Requests and watches under way on the former agent's connections go on.
    this.#agent = { value: agent, identity };
    return agent;
  }
}
