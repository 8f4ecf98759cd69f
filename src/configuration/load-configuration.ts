import { buildConfiguration } from './build-configuration.js';
import type { MillraceConfiguration } from './configuration.js';
import { KNOWN_PROPERTIES, PROPERTY_INDEX } from './known-properties.js';
import { type ConfigurationProblem, ConfigurationError, isSecretName, shownValue } from './problems.js';
import { placeholderLookup } from './placeholder-lookup.js';
import { PropertyReader } from './property-reader.js';
import { parsePropertyName } from './property-names.js';
import { buildPropertyTree, type PropertyNode } from './property-tree.js';
import { gatherSources } from './gather-sources.js';
import type { Environment } from './sources/environment.js';
import { warnAboutNames } from './unknown-properties.js';
import type { UnusableSetting } from './unusable-settings.js';

export interface ConfigurationInput {
  /** `process.env` */
  readonly environment: Environment;
  /** Command-line arguments without the program. */
  readonly arguments: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  /** Says which settings cannot be used though they are well-formed to those who know no platform; default: none. */
  readonly check?: (configuration: MillraceConfiguration) => Promise<readonly UnusableSetting[]>;
}

export interface LoadedConfiguration {
  readonly configuration: MillraceConfiguration;
  /** Sentences for the log: settings without effect, unknown names. */
  readonly warnings: readonly string[];
  readonly profiles: readonly string[];
}

/**
 * Reads all sources, in the order of precedence of Spring Boot 2.7, into one checked and frozen object.
 * @throws ConfigurationError with everything that is wrong
 */
export async function loadConfiguration(input: ConfigurationInput): Promise<LoadedConfiguration> {
  const gathered = await gatherSources(input);
  const { sources, profiles, insideCluster } = gathered;
  const warnings = [...gathered.warnings];
  const root = buildPropertyTree(sources);
  const reader = new PropertyReader(root, placeholderLookup(root, input.environment));
  const configuration = await buildConfiguration(reader, { ...input, profiles, insideCluster }, warnings);
  const problems: ConfigurationProblem[] = gathered.problems.map(({ origin, message }) => ({
    property: undefined,
    origin,
    found: undefined,
    message,
  }));
  problems.push(...reader.problems);
  const unusable = (await input.check?.(configuration)) ?? [];
  problems.push(...unusable.map((setting) => problemOf(setting, root)));
  if (problems.length > 0) throw new ConfigurationError(withoutRepetitions(problems));
  warnings.push(...warnAboutNames(sources, input.environment, PROPERTY_INDEX, KNOWN_PROPERTIES, root));
  return { configuration, warnings, profiles };
}

function problemOf({ property, found, allowed }: UnusableSetting, root: PropertyNode): ConfigurationProblem {
  const name = parsePropertyName(property);
  return {
    property,
    origin: root.find(name)?.anyEntry?.origin ?? 'not set',
    found: found === undefined ? undefined : shownValue(found, isSecretName(name)),
    message: allowed,
  };
}

function withoutRepetitions(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify(problem);
    return seen.has(key) ? false : seen.add(key).has(key);
  });
}
