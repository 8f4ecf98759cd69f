import type { PropertyDefinition } from './property.js';
import { type IndexNode, isAnyKey } from './property-index.js';
import {
  environmentVariableName,
  formatPropertyName,
  isBelow,
  parsePropertyName,
  type PropertyName,
  uniformName,
} from './property-names.js';
import type { PropertySource } from './property-source.js';
import type { PropertyNode } from './property-tree.js';
import { type Environment, isServiceLink, variableToName } from './sources/environment.js';

/** Prefixes whose names are all known: another name there is a mistake. */
const OURS = ['millrace', 'spring.cloud.dataflow'].map(parsePropertyName);

/** SCDF and Spring settings that a server for tasks has no use for, with what to say of them. */
const WITHOUT_EFFECT: readonly { readonly prefix: PropertyName; readonly why: string }[] = [
  ['spring.cloud.skipper', 'there are no streams'],
  ['spring.cloud.dataflow.application-properties.stream', 'there are no streams'],
  ['spring.cloud.dataflow.task.platform.cloudfoundry', 'there is no Cloud Foundry platform'],
  ['spring.rabbitmq', 'there are no streams'],
  ['spring.kafka', 'there are no streams'],
  ['spring.jmx', 'there is no Java virtual machine'],
  ['spring.cloud.deployer', 'as in SCDF 2.11, settings of tasks belong to a platform account'],
].map(([prefix = '', why = '']) => ({ prefix: parsePropertyName(prefix), why }));

/** Names of ours that mean nothing here and need no word. */
const IGNORED = [
  'spring.cloud.dataflow.skipper',
  'spring.cloud.dataflow.stream',
  'spring.cloud.dataflow.security.cf-use-uaa',
  'spring.cloud.dataflow.client',
].map(parsePropertyName);

/** Sentences about settings without effect and names that are not known. */
export function warnAboutNames(
  sources: readonly PropertySource[],
  environment: Environment,
  index: IndexNode,
  definitions: readonly PropertyDefinition[],
  root: PropertyNode,
): readonly string[] {
  const names = sources.flatMap(({ entries }) => entries.map(({ name, origin }) => ({ name, origin })));
  const variables = Object.entries(environment).filter(
    ([name, value]) => value !== undefined && !isServiceLink(name, value),
  );
  const variableNames = variables.map(([name]) => name);
  return [
    ...warnWithoutEffect(names, variableNames),
    ...names.flatMap(({ name, origin }) => warnUnknown(name, origin, index, definitions)),
    ...variableNames.flatMap((name) => warnUnknownVariable(name, index, definitions, root)),
  ];
}

function warnWithoutEffect(
  names: readonly { name: PropertyName; origin: string }[],
  variables: readonly string[],
): string[] {
  return WITHOUT_EFFECT.flatMap(({ prefix, why }) => {
    const found =
      names.find(({ name }) => isBelow(name, prefix))?.origin ??
      variables.find((name) => variableIsBelow(name, prefix));
    return found === undefined ? [] : [`${formatPropertyName(prefix)}.* has no effect: ${why} (${found})`];
  });
}

function warnUnknown(
  name: PropertyName,
  origin: string,
  index: IndexNode,
  definitions: readonly PropertyDefinition[],
): string[] {
  const silent = [...IGNORED, ...WITHOUT_EFFECT.map(({ prefix }) => prefix)].some((prefix) => isBelow(name, prefix));
  if (silent || !OURS.some((prefix) => isBelow(name, prefix)) || index.knows(name)) return [];
  const nearest = nearestName(name, definitions);
  const hint = nearest === undefined ? '' : `; did you mean ${formatPropertyName(nearest)}?`;
  return [`unknown property ${formatPropertyName(name)} (${origin})${hint}`];
}

function warnUnknownVariable(
  variable: string,
  index: IndexNode,
  definitions: readonly PropertyDefinition[],
  root: PropertyNode,
): string[] {
  const silent = [...IGNORED, ...WITHOUT_EFFECT.map(({ prefix }) => prefix)].some((prefix) =>
    variableIsBelow(variable, prefix),
  );
  if (silent || !OURS.some((prefix) => variableIsBelow(variable, prefix))) return [];
  if (variableToName(variable, index, root) !== undefined) return [];
  const nearest = nearestName(variable.toLowerCase().split('_'), definitions);
  const hint = nearest === undefined ? '' : `; did you mean ${environmentVariableName(nearest)}?`;
  return [`unknown environment variable ${variable}${hint}`];
}

/** Compared with the separator that follows, so that `MILLRACER_X` is not below `millrace`. */
function variableIsBelow(variable: string, prefix: PropertyName): boolean {
  const canonical = prefix.map((segment) => String(segment).replaceAll('-', ''));
  return [prefix, canonical].some((name) => variable.toUpperCase().startsWith(`${environmentVariableName(name)}_`));
}

/** The known name that differs least, if it differs by less than a third. */
export function nearestName(name: PropertyName, definitions: readonly PropertyDefinition[]): PropertyName | undefined {
  const text = uniformName(name).replaceAll('.', '');
  let best: PropertyName | undefined;
  let least = Math.floor(text.length / 4) + 1;
  for (const definition of definitions) {
    const candidate = withKeysOf(parsePropertyName(definition.name), name);
    const distance = editDistance(text, uniformName(candidate).replaceAll('.', ''));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** A candidate with the map keys that the name in question has in the same places. */
function withKeysOf(candidate: PropertyName, name: PropertyName): PropertyName {
  return candidate.map((segment, position) =>
    typeof segment === 'string' && isAnyKey(segment) && candidate.length === name.length
      ? (name[position] ?? segment)
      : segment,
  );
}

/** Levenshtein's distance: how many characters must be inserted, deleted or changed. */
export function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (one.charAt(row - 1) === other.charAt(column - 1) ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
