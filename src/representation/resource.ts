import { z } from 'zod';

/** Building blocks of the resources' schemas: types of the code, shapes of the OpenAPI document, checks of the tests. */

/** A HAL link. */
export const LinkSchema = z
  .object({ href: z.string(), templated: z.literal(true).optional() })
  .meta({ id: 'Link', description: 'A HAL link' });

/** `_links` of a resource. */
export const LinksSchema = z.record(z.string(), LinkSchema).meta({ id: 'Links' });

/** A time as executions, jobs and steps show it. */
export const TimestampSchema = z
  .string()
  .regex(/^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/)
  .meta({ id: 'Timestamp', description: 'UTC with milliseconds', example: '2026-11-20T10:00:00.123+0000' });

/** A generation of tables. */
export const SchemaTargetSchema = z.enum(['boot2', 'boot3']).meta({ id: 'SchemaTargetName' });

/** The error body of every refusal. */
export const ErrorsSchema = z
  .object({
    _embedded: z.object({
      errors: z.array(
        z.object({ message: z.string(), logref: z.string(), hint: z.string().optional(), _links: LinksSchema }),
      ),
    }),
  })
  .meta({ id: 'Errors', description: 'Why a request was refused' });

/** The error body of a path that nobody handles. */
export const PageErrorSchema = z
  .object({
    timestamp: TimestampSchema,
    status: z.number().int(),
    error: z.string(),
    message: z.string(),
    path: z.string(),
  })
  .meta({ id: 'PageError', description: 'Why no controller was reached' });

const PageMetadataSchema = z
  .object({
    size: z.number().int(),
    totalElements: z.number().int(),
    totalPages: z.number().int(),
    number: z.number().int(),
  })
  .meta({ id: 'PageMetadata' });

/** A page of a list. */
export function pageSchema<Resource extends z.ZodType>(id: string, key: string, resource: Resource) {
  return z
    .object({
      _embedded: z.object({ [key]: z.array(resource) }).optional(),
      _links: LinksSchema,
      page: PageMetadataSchema,
    })
    .meta({ id });
}
