import { Inject, Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { LaunchAdmission } from '../launching/launch-admission.service.js';
import { LaunchQueueService } from '../launching/launch-queue.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';

/** Seconds: from «at once» to a night. */
const BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200];

/** How many launches each account has, and how long they wait for room. */
@Injectable()
export class LaunchMetrics {
  constructor(
    private readonly queue: LaunchQueueService,
    private readonly admission: LaunchAdmission,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /** Adds the metrics to a registry. */
  async register(registry: Registry): Promise<void> {
    const { default: prometheus } = await import('prom-client');
    const launches = new prometheus.Gauge({
      name: 'millrace_launches',
      help: 'Launches that are not over, by platform account and state; every server on the same place tells the same',
      labelNames: ['account', 'state'],
      registers: [registry],
      collect: async () => {
        launches.reset();
        for (const [account, counts] of await this.counts()) {
          for (const [state, count] of Object.entries(counts)) launches.set({ account, state }, count);
        }
      },
    });
    const waits = new prometheus.Histogram({
      name: 'millrace_launch_queue_seconds',
      help: 'How long launches waited for room, by platform account; each is told by the server that gave it room',
      labelNames: ['account'],
      buckets: BUCKETS,
      registers: [registry],
    });
    this.admission.onAdmitted((account, waited) => waits.observe({ account }, waited));
  }

  /** Without the database there is nothing to say of launches, but of all else there is. */
  private async counts() {
    try {
      return await this.queue.countOpen();
    } catch (error) {
      this.logger.warn({ err: error }, 'launches could not be counted for the metrics');
      return [];
    }
  }
}
