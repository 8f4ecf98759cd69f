import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PROPERTY_INDEX } from './known-properties.js';
import { activeProfiles } from './profiles.js';
import { PropertyReader } from './property-reader.js';
import type { PropertySource, SourceProblem } from './property-source.js';
import { buildPropertyTree, PropertyNode } from './property-tree.js';
import { placeholderLookup } from './placeholder-lookup.js';
import { sourceProperties } from './sections/sources.js';
import { argumentsSource } from './sources/arguments.js';
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
  const problems: SourceProblem[] = [];
  const given = argumentsSource(input.arguments);
  const warnings = [...given.warnings];
  const json = jsonSource(given.source, environment, problems);
  const above = [given.source, json];
  const outer = readerOf(
    [...above, environmentSource(environment, PROPERTY_INDEX, buildPropertyTree(above))],
    environment,
  );

  const files = new ConfigFiles(workingDirectory, outer.lookup);
  const request = fileRequest(outer.reader, insideCluster);
  const withoutProfiles = await files.sources({ ...request, profiles: undefined });
  const profiles = findProfiles(
    outer.reader,
    readerOf([...outer.sources, ...withoutProfiles], environment).reader,
    insideCluster,
  );
  const fileSources = await files.sources({ ...request, profiles });
  const mounted = profiles.includes('kubernetes')
    ? await mountedSources(outer.reader, request, files, workingDirectory, warnings)
    : [];

  const below = [...mounted, ...fileSources];
  const fromEnvironment = environmentSource(environment, PROPERTY_INDEX, buildPropertyTree([...above, ...below]));
  problems.push(
    ...files.brokenFiles,
    ...files.problems,
    ...outer.reader.problems.map(({ property, origin, message }) => ({
      origin: `${property ?? ''} (${origin})`,
      message,
    })),
  );
  warnings.push(...files.warnings);
  return { sources: [...above, fromEnvironment, ...below], profiles, insideCluster, problems, warnings };
}

function readerOf(sources: readonly PropertySource[], environment: Environment) {
  const root: PropertyNode = buildPropertyTree(sources);
  const lookup = placeholderLookup(root, environment);
  return { sources, lookup, reader: new PropertyReader(root, lookup) };
}

/** SPRING_APPLICATION_JSON, or the property `spring.application.json` as an argument. */
function jsonSource(args: PropertySource, environment: Environment, problems: SourceProblem[]): PropertySource {
  const argument = args.entries.find((entry) => entry.name.join('.') === 'spring.application.json');
  const text =
    argument?.value ?? environment['SPRING_APPLICATION_JSON'] ?? environment['spring.application.json'] ?? '';
  const description = argument === undefined ? 'SPRING_APPLICATION_JSON' : argument.origin;
  if (text.trim() === '') return { description, entries: [] };
  try {
    return { description, entries: readJson(text, description) };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    problems.push({ origin: description, message: error.message });
    return { description, entries: [] };
  }
}

function fileRequest(reader: PropertyReader, insideCluster: boolean): Omit<ConfigFileRequest, 'profiles'> {
  const p = sourceProperties;
  const replacing = reader.value(p.location);
  return {
    locations: [...(replacing.length > 0 ? replacing : DEFAULT_LOCATIONS), ...reader.value(p.additionalLocation)],
    imports: reader.value(p.imports),
    names: reader.value(p.names),
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
  request: Omit<ConfigFileRequest, 'profiles'>,
  files: ConfigFiles,
  workingDirectory: string,
  warnings: string[],
): Promise<readonly PropertySource[]> {
  const p = sourceProperties;
  const sources: PropertySource[] = [];
  for (const path of reader.value(p.secretsEnabled) ? reader.value(p.secretsPaths) : []) {
    const directory = resolve(workingDirectory, path);
    const entries = await readConfigTree(directory, 'file');
    if (entries === undefined) warnings.push(`spring.cloud.kubernetes.secrets.paths: there is no ${directory}`);
    else sources.push({ description: `secrets path ${directory}`, entries });
  }
  if (reader.isSet(p.kubernetesConfigName) && !reader.isSet(p.configPaths)) {
    warnings.push(
      'spring.cloud.kubernetes.config.name has no effect: mount the ConfigMap as a file (./config or /config)',
    );
  }
  for (const path of reader.value(p.configPaths)) {
    const found = await stat(resolve(workingDirectory, path)).catch(() => undefined);
    if (found?.isFile() === true)
      sources.push(...(await files.sources({ ...request, locations: [`file:${path}`], imports: [], profiles: [] })));
    else warnings.push(`spring.cloud.kubernetes.config.paths: there is no file ${resolve(workingDirectory, path)}`);
  }
  return sources;
}
