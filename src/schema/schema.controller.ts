import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { link } from '../representation/links.js';
import { Operation } from '../representation/operation.js';
import { Parameters, text } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, SchemaTargetSchema } from '../representation/resource.js';
import { parseSchemaTarget, SCHEMA_TARGETS, type SchemaTarget } from './schema-target.js';

const TargetSchema = z
  .object({
    name: SchemaTargetSchema,
    schemaVersion: z.enum(['2', '3']),
    taskPrefix: z.string(),
    batchPrefix: z.string(),
    datasource: z.null(),
    _links: LinksSchema,
  })
  .meta({ id: 'SchemaTarget' });

const OneParameters = z.object({ name: text('boot2 or boot3') });

/** `/schema`: the two generations of tables. */
@Controller('schema')
export class SchemaController {
  @Get('versions')
  @Operation({
    summary: 'List the generations of Spring Boot',
    answer: z.object({ defaultSchemaVersion: z.string(), versions: z.array(z.string()) }),
  })
  versions() {
    return { defaultSchemaVersion: '2', versions: Object.values(SCHEMA_TARGETS).map((target) => target.schemaVersion) };
  }

  @Get('targets')
  @Operation({
    summary: 'List the generations of tables',
    answer: z.object({ defaultSchemaTarget: z.string(), schemas: z.array(TargetSchema), _links: LinksSchema }),
  })
  targets(@Frame() frame: RequestFrame) {
    return {
      defaultSchemaTarget: 'boot2',
      schemas: Object.values(SCHEMA_TARGETS).map((target) => targetResource(target, frame)),
      _links: { self: link(`${frame.baseUrl}/schema/targets`) },
    };
  }

  @Get('targets/:name')
  @Operation({
    summary: 'Show a generation of tables',
    parameters: OneParameters,
    answer: TargetSchema,
    refusals: [404],
  })
  target(@Parameters(OneParameters) { name }: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    return targetResource(SCHEMA_TARGETS[parseSchemaTarget(name)], frame);
  }
}

function targetResource(target: SchemaTarget, frame: RequestFrame) {
  return {
    ...target,
    datasource: null,
    _links: { self: link(`${frame.baseUrl}/schema/targets/${target.name}`) },
  };
}
