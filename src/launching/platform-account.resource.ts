import { z } from 'zod';
import type { PlatformOption, TaskPlatform } from '../platforms/platform.js';
import { ConfigurationPropertySchema } from '../registry/metadata/app-metadata.js';
import { firstSentence } from '../registry/metadata/first-sentence.js';
import { link, segment } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema } from '../representation/resource.js';

/** A platform account on the wire. */
export const PlatformAccountSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    description: z.string(),
    options: z.array(ConfigurationPropertySchema).describe('Deployer properties for launch forms'),
    _links: LinksSchema,
  })
  .meta({ id: 'PlatformAccount' });

/** A page of platform accounts on the wire. */
export const PlatformAccountPageSchema = pageSchema(
  'PlatformAccountPage',
  'launcherResourceList',
  PlatformAccountSchema,
);

/** Writes a platform account as SCDF does. */
export function platformAccountResource(
  platform: TaskPlatform,
  frame: RequestFrame,
): z.infer<typeof PlatformAccountSchema> {
  return {
    name: platform.accountName,
    type: platform.type,
    description: platform.description,
    options: platform.options.map(optionResource),
    _links: { self: link(`${frame.baseUrl}/tasks/platforms/${segment(platform.accountName)}`) },
  };
}

function optionResource(option: PlatformOption): z.infer<typeof ConfigurationPropertySchema> {
  return {
    ...option,
    shortDescription: option.description === null ? null : firstSentence(option.description),
    hints: { keyHints: [], keyProviders: [], valueHints: [], valueProviders: [] },
    deprecation: null,
    deprecated: false,
  };
}
