import { z } from 'zod';
import { link, segment } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema } from '../representation/resource.js';
import { APP_TYPES, type AppRegistration } from './app-registration.entity.js';
import { ConfigurationPropertySchema, type AppMetadata } from './metadata/app-metadata.js';

const fields = {
  name: z.string(),
  type: z.enum(APP_TYPES),
  uri: z.string(),
  version: z.string(),
  defaultVersion: z.boolean(),
  bootVersion: z.enum(['2', '3']),
  versions: z.array(z.string()).nullable().describe('All versions, where only default versions were asked for'),
  label: z.null(),
};

/** A registered app version on the wire. */
export const AppRegistrationSchema = z.object({ ...fields, _links: LinksSchema }).meta({ id: 'AppRegistration' });

/** A page of app versions on the wire. */
export const AppRegistrationPageSchema = pageSchema(
  'AppRegistrationPage',
  'appRegistrationResourceList',
  AppRegistrationSchema,
);

/** A registered app version with what is known of its properties. SCDF gives it no links. */
export const DetailedAppRegistrationSchema = z
  .object({
    ...fields,
    options: z.array(ConfigurationPropertySchema),
    shortDescription: z.string().nullable(),
    inboundPortNames: z.array(z.string()),
    outboundPortNames: z.array(z.string()),
    optionGroups: z.record(z.string(), z.array(z.string())),
  })
  .meta({ id: 'DetailedAppRegistration' });

export type AppRegistrationResource = z.infer<typeof AppRegistrationSchema>;
export type DetailedAppRegistrationResource = z.infer<typeof DetailedAppRegistrationSchema>;

/** Writes an app version as lists show it. */
export function appRegistrationResource(
  app: AppRegistration,
  versions: readonly string[] | null,
  frame: RequestFrame,
): AppRegistrationResource {
  const path = [app.type, app.name, app.version].map(segment).join('/');
  return {
    ...fieldsOf(app),
    versions: versions === null ? null : [...versions],
    _links: { self: link(`${frame.baseUrl}/apps/${path}`) },
  };
}

/** Writes an app version with its metadata. */
export function detailedAppRegistrationResource(
  app: AppRegistration,
  metadata: AppMetadata,
): DetailedAppRegistrationResource {
  return {
    ...fieldsOf(app),
    options: [...metadata.options],
    shortDescription: null,
    inboundPortNames: [...metadata.inboundPortNames],
    outboundPortNames: [...metadata.outboundPortNames],
    optionGroups: { ...metadata.optionGroups },
  };
}

function fieldsOf(app: AppRegistration) {
  const { name, type, uri, version, defaultVersion, bootVersion } = app;
  return { name, type, uri, version, defaultVersion, bootVersion, versions: null, label: null };
}
