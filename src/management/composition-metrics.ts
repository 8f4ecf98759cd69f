import { Inject, Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { ComposedDriver } from '../composition/composed-driver.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';

/** How many composed tasks run, and how runs end. */
@Injectable()
export class CompositionMetrics {
  constructor(
    private readonly driver: ComposedDriver,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /** Adds the metrics to a registry. */
  async register(registry: Registry): Promise<void> {
    const { default: prometheus } = await import('prom-client');
    const running = new prometheus.Gauge({
      name: 'millrace_composed_runs',
      help: 'Runs of composed tasks that have not ended; every server on one database tells the same',
      registers: [registry],
      collect: async () => {
        try {
          running.set(await this.driver.countRunning());
        } catch (error) {
          // Without the database there is nothing to say of runs, but of all else there is.
          running.reset();
          this.logger.warn({ err: error }, 'runs of composed tasks could not be counted for the metrics');
        }
      },
    });
    const ended = new prometheus.Counter({
      name: 'millrace_composed_runs_ended_total',
      help: 'Runs of composed tasks that have ended, by status; each is told by the server that wrote its end',
      labelNames: ['status'],
      registers: [registry],
    });
    this.driver.onRunEnd(({ batchStatus }) => ended.inc({ status: batchStatus }));
  }
}
