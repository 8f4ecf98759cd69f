import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Histogram, Registry } from 'prom-client';
import { BUILD } from '../about/build.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { HealthService } from './health.service.js';
import { CompositionMetrics } from './composition-metrics.js';
import { LaunchMetrics } from './launch-metrics.js';

/** The labels that SCDF puts on everything it exports; Grafana's dashboards for SCDF select by them. */
const COMMON_TAGS = {
  application: 'spring-cloud-dataflow-server',
  'application.version': BUILD.version,
  service: 'scdf server',
};

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type RequestLabel = 'method' | 'uri' | 'status' | 'outcome' | 'exception';

/** Collects metrics of the process, of its HTTP server and of launches; only made when the configuration asks for them. */
@Injectable()
export class PrometheusMetrics implements OnApplicationBootstrap, OnApplicationShutdown {
  private registry: Registry | undefined;
  private requests: Histogram<RequestLabel> | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly health: HealthService,
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly launches: LaunchMetrics,
    private readonly compositions: CompositionMetrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { default: prometheus } = await import('prom-client');
    const { collectDefaultMetrics, Gauge, Histogram, Registry } = prometheus;
    const registry = new Registry();
    registry.setDefaultLabels(commonLabels(this.configuration.management.commonTags));
    collectDefaultMetrics({ register: registry });
    this.requests = new Histogram({
      name: 'http_server_requests_seconds',
      help: 'Requests to this server, by the template of their path',
      labelNames: ['method', 'uri', 'status', 'outcome', 'exception'],
      buckets: BUCKETS,
      registers: [registry],
    });
    const accountsUp = new Gauge({
      name: 'millrace_platform_account_up',
      help: 'Whether a platform account can be used (1) or not (0)',
      labelNames: ['account', 'type'],
      registers: [registry],
      collect: async () => {
        for (const { account, type, problem } of await this.health.accounts()) {
          accountsUp.set({ account, type }, problem === undefined ? 1 : 0);
        }
      },
    });
    await this.launches.register(registry);
    await this.compositions.register(registry);
    this.registry = registry;
    this.server().prependListener('request', this.observe);
  }

  onApplicationShutdown(): void {
    this.server().removeListener('request', this.observe);
    this.registry?.clear();
  }

  /** All metrics in Prometheus' text format, and its media type. */
  async export(): Promise<{ readonly text: string; readonly contentType: string }> {
    if (this.registry === undefined) return { text: '', contentType: 'text/plain' };
    return { text: await this.registry.metrics(), contentType: this.registry.contentType };
  }

  private server(): Server {
    return this.host.httpAdapter.getHttpServer() as Server;
  }

  private readonly observe = (request: IncomingMessage, response: ServerResponse): void => {
    const begun = process.hrtime.bigint();
    response.once('finish', () => {
      const status = response.statusCode;
      this.requests?.observe(
        {
          method: request.method ?? 'UNKNOWN',
          uri: templateOf(request, status, this.configuration.server.contextPath),
          status: String(status),
          outcome: outcomeOf(status),
          exception: 'None',
        },
        Number(process.hrtime.bigint() - begun) / 1e9,
      );
    });
  };
}

/**
 * Labels of all metrics: SCDF's own, and what the configuration says in addition or instead. Names become Prometheus' as
 * Micrometer makes them: `application.version` is `application_version`. An empty value removes a label.
 */
export function commonLabels(tags: Readonly<Record<string, string>>): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...COMMON_TAGS, ...tags })) {
    const name = key.replaceAll(/\W/g, '_').replace(/^(?![a-z])/i, 'm_');
    if (value === '') delete labels[name];
    else labels[name] = value;
  }
  return labels;
}

/** The path's template as Micrometer writes it; never the path itself, of which there are as many as there are clients. */
function templateOf(request: IncomingMessage, status: number, contextPath: string): string {
  // Express notes the route that matched on the request.
  const route = (request as { readonly route?: { readonly path?: unknown } }).route?.path;
  if (typeof route === 'string' && route.startsWith(contextPath)) {
    const path = route.slice(contextPath.length).replaceAll(/[:*](\w+)/g, '{$1}');
    return path === '' || path === '/' ? 'root' : path;
  }
  if (status === 404) return 'NOT_FOUND';
  return status >= 300 && status < 400 ? 'REDIRECTION' : 'UNKNOWN';
}

function outcomeOf(status: number): string {
  if (status < 200) return 'INFORMATIONAL';
  if (status < 300) return 'SUCCESS';
  if (status < 400) return 'REDIRECTION';
  return status < 500 ? 'CLIENT_ERROR' : 'SERVER_ERROR';
}
