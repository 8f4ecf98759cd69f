import { z } from 'zod';
import type { JsonSchema } from './openapi-types.js';

/** The schemas of a document. */
export interface DocumentSchemas {
  /** Name in the collection given to the schema, which is a reference where it has a name of its own. */
  readonly named: Readonly<Record<string, JsonSchema>>;
  /** `#/components/schemas`: every schema that has an `id`. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/**
 * Writes zod schemas as JSON Schema. Schemas with an `id` become components and are referred to.
 *
 * Objects are left open for further properties, though zod would say otherwise: a later version may answer more than this
 * one, and clients that check answers must go on working.
 */
export function documentSchemas(schemas: Readonly<Record<string, z.ZodType>>): DocumentSchemas {
  const converted = z.toJSONSchema(z.object(schemas), {
    io: 'output',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // Every key of a JSON object is text.
      if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames;
      // Zod says of every integer that it is a safe one.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const text = JSON.stringify({ named: converted.properties ?? {}, components: converted.$defs ?? {} });
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as DocumentSchemas;
}
