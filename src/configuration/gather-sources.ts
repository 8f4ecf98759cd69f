import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PROPERTY_INDEX } from './known-properties.js';
import type { ConfigurationProblem } from './problems.js';
import { activeProfiles } from './profiles.js';
import { PropertyReader } from './property-reader.js';
import type { PropertySource, SourceProblem } from './property-source.js';
import { buildPropertyTree } from './property-tree.js';
import { placeholderLookup } from './placeholder-lookup.js';
import { sourceProperties } from './sections/sources.js';
import { argumentsSource } from './sources/arguments.js';
import { ConfigDocuments } from './sources/config-documents.js';
import { type ConfigFileRequest, ConfigFiles } from './sources/config-files.js';
import { DEFAULT_LOCATIONS } from './sources/config-locations.js';
import { readConfigTree } from './sources/config-tree.js';
import { type Environment, environmentSource } from './sources/environment.js';
import { readJson, SyntaxProblem } from './sources/yaml-file.js';

export interface GatheredSources {
  /** Highest rank first. */
  readonly sources: readonly PropertySource[];
  readonly profiles: readonly string[];
  readonly insideCluster: boolean;
  readonly problems: readonly SourceProblem[];
  readonly warnings: readonly string[];
}

interface Input {
  readonly environment: Environment;
  readonly arguments: readonly string[];
  readonly workingDirectory: string;
}

/** Finds the active profiles and reads every source that counts with them. */
export async function gatherSources(input: Input): Promise<GatheredSources> {
  const { environment, workingDirectory } = input;
  const insideCluster = (environment['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
  const given = argumentsSource(input.arguments);
  const { source: json, problems } = jsonSource(given.source, environment);
  const above = [given.source, json];
  const withEnvironment = (below: readonly PropertySource[]) => {
    const others = buildPropertyTree([...above, ...below]);
    return [...above, environmentSource(environment, PROPERTY_INDEX, others), ...below];
  };
  const outer = readerOf(withEnvironment([]), environment);

  const documents = new ConfigDocuments(workingDirectory);
  const request = fileRequest(outer.reader, insideCluster);
  const filesFor = (changes: Partial<ConfigFileRequest>) =>
    new ConfigFiles(documents, workingDirectory, outer.lookup, { ...request, ...changes });
  const withoutProfiles = await filesFor({}).sources();
  const all = readerOf(withEnvironment(withoutProfiles), environment);
  const profiles = findProfiles(outer.reader, all.reader, insideCluster);

  const files = filesFor({ profiles });
  const fileSources = await files.sources();
  const mounted = profiles.includes('kubernetes')
    ? await mountedSources(outer.reader, workingDirectory, filesFor)
    : { sources: [], warnings: [] };
  return {
    sources: withEnvironment([...mounted.sources, ...fileSources]),
    profiles,
    insideCluster,
    problems: [...problems, ...documents.problems, ...files.problems, ...outer.reader.problems.map(asSourceProblem)],
    warnings: [...given.warnings, ...files.warnings, ...mounted.warnings],
  };
}

function asSourceProblem({ property, origin, message }: ConfigurationProblem): SourceProblem {
  return { origin: property === undefined ? origin : `${property} (${origin})`, message };
}

function readerOf(sources: readonly PropertySource[], environment: Environment) {
  const root = buildPropertyTree(sources);
  const lookup = placeholderLookup(root, environment);
  return { lookup, reader: new PropertyReader(root, lookup) };
}

/** SPRING_APPLICATION_JSON, or the property `spring.application.json` as an argument. */
function jsonSource(
  args: PropertySource,
  environment: Environment,
): { source: PropertySource; problems: SourceProblem[] } {
  const argument = args.entries.find((entry) => entry.name.join('.') === 'spring.application.json');
  const text = argument?.value ?? environment['SPRING_APPLICATION_JSON'] ?? '';
  const description = argument === undefined ? 'SPRING_APPLICATION_JSON' : argument.origin;
  if (text.trim() === '') return { source: { description, entries: [] }, problems: [] };
  try {
    return { source: { description, entries: readJson(text, description) }, problems: [] };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { source: { description, entries: [] }, problems: [{ origin: description, message: error.message }] };
  }
}

function fileRequest(reader: PropertyReader, insideCluster: boolean): ConfigFileRequest {
  const p = sourceProperties;
  const replacing = reader.value(p.location);
  return {
    locations: [...(replacing.length > 0 ? replacing : DEFAULT_LOCATIONS), ...reader.value(p.additionalLocation)],
    imports: reader.value(p.imports),
    names: reader.value(p.names),
    profiles: undefined,
    insideCluster,
  };
}

/** `spring.profiles.active` of the outer sources replaces that of the files; included ones and groups add to either. */
function findProfiles(outer: PropertyReader, all: PropertyReader, insideCluster: boolean): readonly string[] {
  const p = sourceProperties;
  const active = outer.isSet(p.activeProfiles) ? outer.value(p.activeProfiles) : all.value(p.activeProfiles);
  const groups = all.texts(p.profileGroups);
  const profiles: string[] = [];
  const add = (profile: string) => {
    if (profiles.includes(profile)) return;
    profiles.push(profile);
    for (const [key, members] of Object.entries(groups)) {
      if (key === profile || key.replace(/\[\d+\]$/, '') === profile)
        members
          .split(',')
          .map((one) => one.trim())
          .filter(Boolean)
          .forEach(add);
    }
  };
  [...all.value(p.includedProfiles), ...active].forEach(add);
  return activeProfiles(profiles, { insideCluster, addNone: outer.value(p.ignoreProfileListener) });
}

/** Mounted Secrets and ConfigMaps as Spring Cloud Kubernetes reads them. */
async function mountedSources(
  reader: PropertyReader,
  workingDirectory: string,
  filesFor: (changes: Partial<ConfigFileRequest>) => ConfigFiles,
): Promise<{ sources: PropertySource[]; warnings: string[] }> {
  const p = sourceProperties;
  const sources: PropertySource[] = [];
  const warnings: string[] = [];
  for (const path of reader.value(p.secretsEnabled) ? reader.value(p.secretsPaths) : []) {
    const directory = resolve(workingDirectory, path);
    const entries = await readConfigTree(directory, 'file').catch(() => undefined);
    if (entries !== undefined) sources.push({ description: `secrets path ${directory}`, entries });
    else warnings.push(`spring.cloud.kubernetes.secrets.paths: ${directory} does not exist or cannot be read`);
  }
  for (const path of reader.value(p.configPaths)) {
    const file = resolve(workingDirectory, path);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) warnings.push(`spring.cloud.kubernetes.config.paths: there is no file ${file}`);
    else sources.push(...(await filesFor({ locations: [`file:${file}`], imports: [], profiles: [] }).sources()));
  }
  if (reader.isSet(p.kubernetesConfigName) && !reader.isSet(p.configPaths)) {
    warnings.push(
      'spring.cloud.kubernetes.config.name has no effect: mount the ConfigMap as a file (./config or /config)',
    );
  }
  return { sources, warnings };
}
