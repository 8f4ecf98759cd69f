import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import {
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, createServer, request as requestHttps, type RequestOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { selfSignedCertificate } from './certificate.js';
import { answerStatus, playAnswer, playStream, type SeenRequest, type StreamFault } from './fault-stream.js';

export type { SeenRequest } from './fault-stream.js';

/** What happens to a request instead of its answer, or to the answer. Times are in ms. */
export type Fault =
  /** Kubernetes' `Status` object with an HTTP status; the request does not arrive. `retryAfter` is in seconds. */
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter?: number; readonly reason?: string }
  /** The connection is reset: `before` the request arrives, or `after` the API server has answered it (done, answer lost). */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /** The request is accepted and does not arrive; nothing is answered for a time, then the connection is reset. */
  | { readonly kind: 'hang'; readonly for: number }
  /** The request arrives after a time. */
  | { readonly kind: 'delay'; readonly for: number }
  | StreamFault;

/** Which requests a fault is for, and how often. */
export interface Rule {
  readonly when: (request: SeenRequest) => boolean;
  readonly fault: Fault;
  /** After so many requests the rule is used up; never if not given. */
  readonly times?: number;
}

/** A rule at work. */
export interface ActiveRule {
  /** Requests that it has met. */
  readonly hits: number;
  remove(): void;
}

/**
 * Stands between a client and a real API server and makes what goes wrong on the way there. It ends the client's TLS with
 * a certificate of its own and speaks to the API server with the rights of a kubeconfig, or with the client's token if it
 * sends one. Requests that no rule is for go through as they are; exec and port-forward (upgrades) do not.
 */
export class FaultProxy {
  /** Every request that came, in order, whatever became of it. */
  readonly requests: SeenRequest[] = [];

  private readonly rules: { rule: Rule; hits: number }[] = [];
  /** By the client's port; only the raw socket under TLS can be reset. */
  private readonly sockets = new Map<number, Socket>();
  private readonly open = new Set<ServerResponse>();
  private outage: 'down' | 'silent' | undefined;
  private wakeUps: (() => void)[] = [];

  private constructor(
    private readonly target: KubeConfig,
    private readonly upstream: URL,
    private readonly agents: Agents,
    private readonly server: ReturnType<typeof createServer>,
    private readonly authority: string,
  ) {
    server.on('connection', (socket: Socket) => {
      const { remotePort } = socket;
      if (this.outage === 'down' || remotePort === undefined) return void socket.resetAndDestroy();
      this.sockets.set(remotePort, socket);
      socket.on('close', () => this.sockets.delete(remotePort));
      socket.on('error', () => undefined);
    });
    server.on('request', (request, response) => {
      this.handle(request, response).catch(() => this.reset(request));
    });
  }

  /** Starts a proxy on the loopback interface, before the cluster of a kubeconfig's current context. */
  static async start(kubeconfig: string): Promise<FaultProxy> {
    const target = new KubeConfig();
    target.loadFromFile(kubeconfig);
    const upstream = new URL(target.getCurrentCluster()?.server ?? '');
    const agents = await agentsFor(target, upstream);
    const certificate = await selfSignedCertificate('127.0.0.1');
    const server = createServer({ key: certificate.key, cert: certificate.certificate, keepAliveTimeout: 60_000 });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(target, upstream, agents, server, certificate.certificate);
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A client configuration that goes through the proxy; without a token, requests get the rights of the proxy's. */
  kubeConfig(token?: string): KubeConfig {
    const configuration = new KubeConfig();
    configuration.loadFromClusterAndUser(
      {
        name: 'fault-proxy',
        server: this.url,
        caData: Buffer.from(this.authority).toString('base64'),
        skipTLSVerify: false,
      },
      { name: 'through-the-proxy', ...(token === undefined ? {} : { token }) },
    );
    const context = configuration.getContextObject(configuration.getCurrentContext());
    const namespace = this.target.getContextObject(this.target.getCurrentContext())?.namespace;
    if (context !== null && namespace !== undefined) Object.assign(context, { namespace });
    return configuration;
  }

  /** Writes {@link kubeConfig} to a file, for a server that is configured by one. */
  async writeKubeconfig(file: string, token?: string): Promise<void> {
    await writeFile(file, this.kubeConfig(token).exportConfig(), { mode: 0o600 });
  }

  /** Puts a rule before those that are there: the latest that fits decides. */
  inject(rule: Rule): ActiveRule {
    const entry = { rule, hits: 0 };
    this.rules.unshift(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        const index = this.rules.indexOf(entry);
        if (index >= 0) this.rules.splice(index, 1);
      },
    };
  }

  /** Takes all rules back and ends outages; streams that are stalled stay so, as half-dead connections do. */
  heal(): void {
    this.rules.length = 0;
    this.outage = undefined;
    for (const wakeUp of this.wakeUps.splice(0)) wakeUp();
  }

  /** The API server seems to be gone, until {@link heal}: connections are reset, new ones as well. */
  goDown(): void {
    this.outage = 'down';
    this.cutAll();
  }

  /**
   * Nothing gets through in either direction, until {@link heal}: connections are accepted and stay open, requests wait and
   * arrive late, streams stand still and go on where they were.
   */
  goSilent(): void {
    this.outage = 'silent';
  }

  /** Resets every connection that is open now, in the midst of whatever it carries. */
  cutAll(): void {
    for (const socket of this.sockets.values()) socket.resetAndDestroy();
  }

  /** Watches that are open now. */
  get openWatches(): number {
    return [...this.open].filter((response) => describe(response.req).watch).length;
  }

  async close(): Promise<void> {
    this.heal();
    const closed = once(this.server, 'close');
    this.server.close();
    this.cutAll();
    await closed;
    this.agents.agent.destroy();
    this.agents.anonymous.destroy();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = describe(request);
    this.requests.push(seen);
    this.open.add(response);
    response.on('close', () => this.open.delete(response));
    response.on('error', () => undefined);
    const fault = this.faultFor(seen);
    // A silence may begin at any time, also while nothing comes: what arrives waits for its end.
    await this.calm();
    if (fault?.kind === 'answer') return answerStatus(response, fault);
    if (fault?.kind === 'reset' && fault.when === 'before') return this.reset(request);
    if (fault?.kind === 'hang') return this.later(fault.for, response, () => this.reset(request));
    if (fault?.kind === 'delay') return this.later(fault.for, response, () => this.forward(request, response));
    this.forward(request, response, fault);
  }

  private faultFor(seen: SeenRequest): Fault | undefined {
    const entry = this.rules.find(({ rule, hits }) => hits < (rule.times ?? Infinity) && rule.when(seen));
    if (entry === undefined) return undefined;
    entry.hits += 1;
    return entry.rule.fault;
  }

  private forward(request: IncomingMessage, response: ServerResponse, fault?: Fault): void {
    const { headers, agent } = this.agents;
    const onward = (this.upstream.protocol === 'http:' ? requestHttp : requestHttps)(
      new URL(request.url ?? '/', this.upstream),
      {
        method: request.method,
        headers: { ...headers, ...request.headers, host: this.upstream.host, 'accept-encoding': 'identity' },
        // A certificate would win over the client's token.
        agent: request.headers.authorization === undefined ? agent : this.agents.anonymous,
      },
      (answer) => {
        this.answer(answer, response, fault).catch(() => this.reset(response));
      },
    );
    onward.on('error', () => this.reset(response));
    // A client that stops to watch is not to leave a watch open; what is to be done with its answer lost is done.
    response.on('close', () => {
      if (!response.writableFinished && fault?.kind !== 'reset') onward.destroy();
    });
    request.pipe(onward);
  }

  private async answer(answer: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    const calm = () => this.calm();
    if (fault?.kind === 'reset') {
      await once(answer.resume(), 'end');
      this.reset(response);
    } else if (
      answer.statusCode === 200 &&
      (fault?.kind === 'cut' || fault?.kind === 'stall' || fault?.kind === 'gone')
    ) {
      await playStream(answer, response, fault, calm, () => this.reset(response));
    } else {
      await playAnswer(answer, response, calm);
    }
  }

  private reset({ socket }: IncomingMessage | ServerResponse): void {
    this.sockets.get(socket?.remotePort ?? 0)?.resetAndDestroy();
  }

  private later(delay: number, response: ServerResponse, work: () => void): void {
    const timer = setTimeout(work, delay);
    response.on('close', () => clearTimeout(timer));
  }

  private async calm(): Promise<void> {
    while (this.outage === 'silent') await new Promise<void>((resolve) => this.wakeUps.push(resolve));
  }
}

/** How the proxy reaches the API server. */
interface Agents {
  /** With what the kubeconfig's user authenticates by. */
  readonly agent: HttpAgent;
  readonly headers: OutgoingHttpHeaders;
  /** For requests that bring a token. */
  readonly anonymous: HttpAgent;
}

async function agentsFor(target: KubeConfig, upstream: URL): Promise<Agents> {
  const options: RequestOptions = {};
  await target.applyToHTTPSOptions(options);
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  // Kept for less time than the API server keeps them, which would otherwise end one at the moment of its use.
  const common = { keepAlive: true, timeout: 20_000 };
  const server = { ...common, ca, rejectUnauthorized, servername };
  const headers = (options.headers ?? {}) as OutgoingHttpHeaders;
  return upstream.protocol === 'http:'
    ? { agent: new HttpAgent(common), anonymous: new HttpAgent(common), headers }
    : { agent: new HttpsAgent({ ...server, cert, key }), anonymous: new HttpsAgent(server), headers };
}

function describe(request: IncomingMessage): SeenRequest {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://proxy');
  const watch = searchParams.get('watch');
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    watch: watch === 'true' || watch === '1',
  };
}
