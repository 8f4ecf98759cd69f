import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

/** `/management/prometheus`: metrics for Prometheus to scrape. */
@Controller('prometheus')
export class PrometheusController {
  constructor(private readonly metrics: PrometheusMetrics) {}

  @Get()
  @Operation({ summary: 'Show metrics for Prometheus', answer: z.string(), media: ['text/plain'] })
  async scrape(@Res() response: Response): Promise<void> {
    const { text, contentType } = await this.metrics.export();
    response.setHeader('Content-Type', contentType);
    response.end(text);
  }
}
