import { z } from 'zod';

const ValueHintSchema = z.object({
  value: z.unknown(),
  description: z.string().nullable(),
  shortDescription: z.string().nullable(),
});

const ValueProviderSchema = z.object({ name: z.string().nullable(), parameters: z.record(z.string(), z.unknown()) });

/** A configuration property of an app, a platform or the composed-task runner, as SCDF writes it. */
export const ConfigurationPropertySchema = z
  .object({
    id: z.string().describe('Full name'),
    name: z.string().describe('Last part of the name for visible properties, the full name for others'),
    type: z.string().nullable(),
    description: z.string().nullable(),
    shortDescription: z.string().nullable().describe('First sentence of the description'),
    defaultValue: z.unknown(),
    hints: z.object({
      keyHints: z.array(ValueHintSchema),
      keyProviders: z.array(ValueProviderSchema),
      valueHints: z.array(ValueHintSchema),
      valueProviders: z.array(ValueProviderSchema),
    }),
    deprecation: z
      .object({
        level: z.enum(['WARNING', 'ERROR']),
        reason: z.string().nullable(),
        shortReason: z.string().nullable(),
        replacement: z.string().nullable(),
      })
      .nullable(),
    deprecated: z.boolean(),
  })
  .meta({ id: 'ConfigurationProperty' });

export type ConfigurationProperty = z.infer<typeof ConfigurationPropertySchema>;

/** What an app says about itself: in the configuration metadata of its jar, or in the labels of its image. */
export interface AppMetadata {
  readonly options: readonly ConfigurationProperty[];
  readonly inboundPortNames: readonly string[];
  readonly outboundPortNames: readonly string[];
  /** Group name to property names. */
  readonly optionGroups: Readonly<Record<string, string[]>>;
}

/** What is shown of an app whose metadata cannot be had. */
export const NO_METADATA: AppMetadata = { options: [], inboundPortNames: [], outboundPortNames: [], optionGroups: {} };
