import { z } from 'zod';
import type { ConfigurationProperty } from './app-metadata.js';
import { firstSentence } from './first-sentence.js';

/** Anything but text counts as absent: metadata is shown, not obeyed, so one odd field must not hide the others. */
const OptionalText = z.string().nullish().catch(null);

const GroupSchema = z.object({ name: z.string(), type: OptionalText });

const DeprecationSchema = z
  .object({ level: OptionalText, reason: OptionalText, replacement: OptionalText })
  .nullish()
  .catch(null);

const PropertySchema = z.object({
  name: z.string().min(1),
  type: OptionalText,
  description: OptionalText,
  sourceType: OptionalText,
  defaultValue: z.unknown().optional(),
  deprecated: z.boolean().nullish().catch(null),
  deprecation: DeprecationSchema,
});

const HintSchema = z.object({
  name: z.string(),
  values: z.array(z.unknown()).nullish().catch(null),
  providers: z.array(z.unknown()).nullish().catch(null),
});

const HintValueSchema = z.object({ value: z.unknown().optional(), description: OptionalText });
const HintProviderSchema = z.object({
  name: OptionalText,
  parameters: z.record(z.string(), z.unknown()).nullish().catch(null),
});

const FileSchema = z.object({
  groups: z.array(z.unknown()).nullish().catch(null),
  properties: z.array(z.unknown()).nullish().catch(null),
  hints: z.array(z.unknown()).nullish().catch(null),
});

/** A group of a metadata file: the prefix of its properties, and the class that it is bound to. */
export interface MetadataGroup {
  readonly name: string;
  readonly type: string | null;
}

/** A property of a metadata file with its hints, and the group it belongs to. */
export interface MetadataProperty {
  /** undefined: of no group, so it has no short name either. */
  readonly group: string | undefined;
  readonly property: ConfigurationProperty;
}

/** One `spring-configuration-metadata.json`, read. */
export interface MetadataFile {
  readonly groups: readonly MetadataGroup[];
  readonly properties: readonly MetadataProperty[];
}

/**
 * Reads one file in the format of Spring Boot's configuration metadata.
 *
 * A property's group is the longest one whose class is the property's source and whose name the property's begins with;
 * its `name` is what follows the group's. Entries that make no sense (no name) are left out.
 *
 * @returns undefined for a text that is no such file
 */
export function readMetadataFile(text: string): MetadataFile | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  const file = FileSchema.safeParse(json);
  if (!file.success) return undefined;
  const groups = wellFormed(GroupSchema, file.data.groups).map(({ name, type }) => ({ name, type: type ?? null }));
  const groupsByType = new Map<string | null, MetadataGroup[]>();
  for (const group of groups) groupsByType.set(group.type, [...(groupsByType.get(group.type) ?? []), group]);
  const properties = wellFormed(PropertySchema, file.data.properties).map((raw) => {
    const group = groupOf(raw, groupsByType);
    return { group, property: propertyOf(raw, group) };
  });
  addHints(properties, wellFormed(HintSchema, file.data.hints));
  return { groups, properties };
}

function wellFormed<T>(schema: z.ZodType<T>, items: readonly unknown[] | null | undefined): T[] {
  return (items ?? []).flatMap((item) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}

function groupOf(
  { name, sourceType }: z.infer<typeof PropertySchema>,
  groupsByType: ReadonlyMap<string | null, readonly MetadataGroup[]>,
): string | undefined {
  if (sourceType === null || sourceType === undefined) return undefined;
  let longest: string | undefined;
  for (const group of groupsByType.get(sourceType) ?? []) {
    if (name.startsWith(group.name) && group.name.length > (longest?.length ?? -1)) longest = group.name;
  }
  return longest;
}

function propertyOf(raw: z.infer<typeof PropertySchema>, group: string | undefined): ConfigurationProperty {
  const deprecation = deprecationOf(raw);
  const prefix = `${group}.`;
  return {
    id: raw.name,
    name: group !== undefined && raw.name.startsWith(prefix) ? raw.name.slice(prefix.length) : raw.name,
    type: raw.type ?? null,
    description: raw.description ?? null,
    shortDescription: shortened(raw.description),
    defaultValue: raw.defaultValue ?? null,
    hints: { keyHints: [], keyProviders: [], valueHints: [], valueProviders: [] },
    deprecation,
    deprecated: deprecation !== null,
  };
}

function deprecationOf({
  deprecated,
  deprecation,
}: z.infer<typeof PropertySchema>): ConfigurationProperty['deprecation'] {
  if (deprecated !== true && (deprecation === null || deprecation === undefined)) return null;
  return {
    level: deprecation?.level?.toLowerCase() === 'error' ? 'ERROR' : 'WARNING',
    reason: deprecation?.reason ?? null,
    shortReason: shortened(deprecation?.reason),
    replacement: deprecation?.replacement ?? null,
  };
}

/** Hints name a property, or `<property>.keys` and `<property>.values` of one that is a map. */
function addHints(properties: readonly MetadataProperty[], hints: readonly z.infer<typeof HintSchema>[]): void {
  const byId = new Map(properties.map(({ property }) => [property.id, property]));
  for (const hint of hints) {
    const exact = byId.get(hint.name);
    const property = exact ?? byId.get(hint.name.replace(/\.(keys|values)$/, ''));
    if (property === undefined) continue;
    const values = wellFormed(HintValueSchema, hint.values).map(({ value, description }) => ({
      value: value ?? null,
      description: description ?? null,
      shortDescription: shortened(description),
    }));
    const providers = wellFormed(HintProviderSchema, hint.providers).map(({ name, parameters }) => ({
      name: name ?? null,
      parameters: parameters ?? {},
    }));
    if (exact === undefined && hint.name.endsWith('.keys')) {
      property.hints.keyHints.push(...values);
      property.hints.keyProviders.push(...providers);
    } else {
      property.hints.valueHints.push(...values);
      property.hints.valueProviders.push(...providers);
    }
  }
}

function shortened(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : firstSentence(text);
}
