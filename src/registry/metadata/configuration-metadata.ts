import type { AppMetadata, ConfigurationProperty } from './app-metadata.js';
import { inJavaMapOrder } from './java-map-order.js';
import { parseJavaProperties } from './java-properties.js';
import { type MetadataFile, readMetadataFile } from './metadata-file.js';

/** The texts of an app's files that say something about its configuration; any of them may be malformed. */
export interface MetadataTexts {
  /** `META-INF/spring-configuration-metadata.json` of the app itself and of its libraries, in the order of the class path. */
  readonly metadata: readonly string[];
  /** `META-INF/dataflow-configuration-metadata.properties`: what is visible. */
  readonly visibility: readonly string[];
  /** `META-INF/dataflow-configuration-port-mapping.properties` */
  readonly portMappings: readonly string[];
  /** `META-INF/dataflow-configuration-option-groups.properties` */
  readonly optionGroups: readonly string[];
}

/** An app's metadata in the two extents that SCDF shows. */
export interface MetadataExtents {
  /** Only what the app declares as visible. */
  readonly visible: AppMetadata;
  /** Everything that the app and its libraries declare (`exhaustive=true`). */
  readonly exhaustive: AppMetadata;
}

/** SCDF's name for properties of no group. */
const ROOT_GROUP = '_ROOT_GROUP_';

interface Group {
  readonly types: Set<string | null>;
  readonly properties: Map<string, ConfigurationProperty>;
}

/**
 * Merges an app's metadata files into what SCDF shows of them.
 *
 * Visible are the groups all of whose classes are listed under `configuration-properties.classes`, and the properties
 * listed under `configuration-properties.names`. Properties that are deprecated at level `error` exist no more and are not
 * shown. Of a property that several files declare, the first counts. The order is SCDF's, see {@link inJavaMapOrder}.
 *
 * Never throws; a malformed file counts as absent.
 */
export function describeConfiguration(texts: MetadataTexts): MetadataExtents {
  const groups = mergedGroups(texts.metadata.flatMap((text) => readMetadataFile(text) ?? []));
  const visibility = texts.visibility.map(parseJavaProperties);
  const classes = new Set(visibility.flatMap((file) => listOf(file.get('configuration-properties.classes'))));
  const names = new Set(visibility.flatMap((file) => listOf(file.get('configuration-properties.names'))));

  const visible: ConfigurationProperty[] = [];
  const exhaustive: ConfigurationProperty[] = [];
  for (const group of inOrder(groups)) {
    const groupVisible = group.types.size > 0 && [...group.types].every((type) => type !== null && classes.has(type));
    for (const property of inOrder(group.properties)) {
      if (property.deprecation?.level === 'ERROR') continue;
      exhaustive.push(property);
      if (groupVisible || names.has(property.id)) visible.push(property);
    }
  }
  const shared = {
    ...portNames(texts.portMappings.map(parseJavaProperties)),
    optionGroups: optionGroupsOf(texts.optionGroups.flatMap((text) => [...parseJavaProperties(text)])),
  };
  return { visible: { options: visible, ...shared }, exhaustive: { options: exhaustive, ...shared } };
}

/** Every property of one metadata text, whatever its group, in SCDF's order; the metadata of container images. */
export function allProperties(text: string): readonly ConfigurationProperty[] {
  const groups = mergedGroups([readMetadataFile(text) ?? { groups: [], properties: [] }]);
  const properties = new Map(inOrder(groups).flatMap((group) => inOrder(group.properties).map((it) => [it.id, it])));
  return inOrder(properties).filter((property) => property.deprecation?.level !== 'ERROR');
}

/** Inbound and outbound port names from `configuration-properties.inbound-ports` and `…outbound-ports`. */
export function portNames(
  files: readonly ReadonlyMap<string, string>[],
): Pick<AppMetadata, 'inboundPortNames' | 'outboundPortNames'> {
  const namesOf = (key: string) => [...new Set(files.flatMap((file) => listOf(file.get(key))))];
  return {
    inboundPortNames: namesOf('configuration-properties.inbound-ports'),
    outboundPortNames: namesOf('configuration-properties.outbound-ports'),
  };
}

/** Option groups from entries `[<anything>.]configuration-properties.option-groups.<group>` = comma-separated names. */
export function optionGroupsOf(entries: Iterable<readonly [string, string]>): AppMetadata['optionGroups'] {
  const groups: [string, string[]][] = [];
  for (const [key, value] of entries) {
    const group = /(?:^|\.)configuration-properties\.option-groups\.(.+)$/.exec(key)?.[1];
    if (group !== undefined) groups.push([group, listOf(value)]);
  }
  return Object.fromEntries(groups);
}

function mergedGroups(files: readonly MetadataFile[]): ReadonlyMap<string, Group> {
  const merged = new Map<string, Group>();
  const groupNamed = (name: string): Group => {
    const existing = merged.get(name);
    if (existing !== undefined) return existing;
    const group: Group = { types: new Set(), properties: new Map() };
    merged.set(name, group);
    return group;
  };
  for (const file of files) {
    for (const { name, type } of file.groups) groupNamed(name).types.add(type);
    for (const { group, property } of file.properties) {
      const { properties } = groupNamed(group ?? ROOT_GROUP);
      if (!properties.has(property.id)) properties.set(property.id, property);
    }
  }
  return merged;
}

function inOrder<T>(map: ReadonlyMap<string, T>): readonly T[] {
  return inJavaMapOrder(map.keys()).flatMap((key) => map.get(key) ?? []);
}

function listOf(csv: string | undefined): string[] {
  return (csv ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
