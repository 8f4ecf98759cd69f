import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { type CatalogueOption, completeTask, type CompletionCatalogue } from '../dsl/complete.js';
import type { ConfigurationProperty } from '../registry/metadata/app-metadata.js';
import { AppMetadataService } from '../registry/metadata/app-metadata.service.js';
import { RegistryService } from '../registry/registry.service.js';
import { Operation } from '../representation/operation.js';
import { integer, Parameters, text } from '../representation/parameters.js';

const INT32 = 2_147_483_647;

/** SCDF has a refusal of its own for a level below 1. */
const detailLevel = integer('', -INT32, INT32)
  .superRefine((level, context) => {
    if (level >= 1) return;
    const message = 'The provided detail level must be greater than zero.';
    context.addIssue({ code: 'custom', message, params: { logref: 'ConstraintViolationException' } });
  })
  .meta({
    description: '1: visible options by their short names; 2 and more: all of them',
    openapi: { type: 'integer', format: 'int32', minimum: 1, maximum: INT32 },
  });

const CompletionParameters = z.object({
  start: text('What is typed so far', 100_000),
  detailLevel: detailLevel.optional(),
});

const ProposalsSchema = z
  .object({ proposals: z.array(z.object({ text: z.string(), explanation: z.string().optional() })) })
  .meta({ id: 'CompletionProposals' });

/** `/completions`: how a definition that is being typed may go on. */
@Controller('completions')
export class CompletionsController {
  constructor(
    private readonly registry: RegistryService,
    private readonly metadata: AppMetadataService,
  ) {}

  @Get('task')
  @Operation({
    summary: 'Propose how a task definition may go on',
    parameters: CompletionParameters,
    answer: ProposalsSchema,
    refusals: [400],
  })
  async task(@Parameters(CompletionParameters) { start, detailLevel = 1 }: z.output<typeof CompletionParameters>) {
    return { proposals: await completeTask(start, detailLevel, this.catalogue()) };
  }

  @Get('stream')
  @Operation({
    summary: 'Propose nothing: streams are not offered, but clients need the endpoint',
    parameters: CompletionParameters,
    answer: ProposalsSchema,
    refusals: [400],
  })
  stream(@Parameters(CompletionParameters) _: z.output<typeof CompletionParameters>) {
    return { proposals: [] };
  }

  private catalogue(): CompletionCatalogue {
    return {
      taskAppNames: () => this.registry.taskAppNames(),
      optionsOf: async (appName) => {
        const app = await this.registry.findIfRegistered('task', appName);
        if (app === null) return [];
        const visible = new Set((await this.metadata.visibleProperties(app)).map((property) => property.id));
        const all = (await this.metadata.describe(app, true)).options;
        return all.map((property) => optionOf(property, visible.has(property.id)));
      },
    };
  }
}

function optionOf(property: ConfigurationProperty, visible: boolean): CatalogueOption {
  return {
    id: property.id,
    name: property.id.slice(property.id.lastIndexOf('.') + 1),
    visible,
    type: property.type,
    shortDescription: property.shortDescription,
    values: property.hints.valueHints.map((hint) => String(hint.value)),
    closed: false,
  };
}
