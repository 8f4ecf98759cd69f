import { Controller, Get, Inject, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Operation } from '../representation/operation.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { ACTUATOR_MEDIA, ActuatorMedia } from './actuator-media.js';
import { servedEndpoints } from './served-endpoints.js';

const IndexSchema = z
  .object({ _links: z.record(z.string(), z.object({ href: z.string(), templated: z.boolean() })) })
  .meta({ id: 'ManagementIndex' });

/** `/management`: what can be asked for below it. Unlike everywhere else, `templated: false` is written, as the actuator does. */
@Controller()
@UseInterceptors(ActuatorMedia)
export class IndexController {
  constructor(@Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration) {}

  @Get()
  @Operation({ summary: 'List the management endpoints', answer: IndexSchema, media: ACTUATOR_MEDIA })
  index(@Frame() frame: RequestFrame): z.infer<typeof IndexSchema> {
    const { management } = this.configuration;
    const served = servedEndpoints(management);
    const links: Record<string, { href: string; templated: boolean }> = {};
    const add = (name: string, path: string) => {
      const href = `${frame.baseUrl}${management.basePath}${path}`;
      links[name] = { href, templated: href.includes('{') };
    };
    add('self', '');
    for (const endpoint of served) {
      add(endpoint, `/${endpoint}`);
      if (endpoint === 'health') add('health-path', '/health/{*path}');
    }
    return { _links: links };
  }
}
