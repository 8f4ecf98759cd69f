import { z } from 'zod';

const StatusSchema = z.enum(['UP', 'DOWN', 'OUT_OF_SERVICE', 'UNKNOWN']);

/** Health of the server or of one of its parts, in the form of Spring Boot's actuator. */
export interface Health {
  readonly status: z.infer<typeof StatusSchema>;
  readonly components?: Readonly<Record<string, Health>>;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly groups?: readonly string[];
}

/** See {@link Health}. */
export const HealthSchema: z.ZodType<Health> = z
  .object({
    status: StatusSchema,
    get components() {
      return z.record(z.string(), HealthSchema).optional();
    },
    details: z.record(z.string(), z.unknown()).optional(),
    groups: z.array(z.string()).optional(),
  })
  .meta({ id: 'Health', description: 'Parts and details only when management.endpoint.health.show-details says so' });
