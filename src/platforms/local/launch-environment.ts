/** The environment variables that a task gets: what it inherits, and what it is told. Pure. */
import { wholeName } from './setting-values.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** The server's variables whose whole name matches one of the account's `env-vars-to-inherit`. */
export function inheritedVariables(parent: Variables, patterns: readonly string[]): Record<string, string> {
  const expressions = patterns.map(wholeName);
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && expressions.some((expression) => expression.test(name))) inherited[name] = value;
  }
  return inherited;
}

/**
 * Properties as environment variables in Spring's form (`spring.datasource.driver-class-name` becomes
 * `SPRING_DATASOURCE_DRIVERCLASSNAME`), for programs that read no SPRING_APPLICATION_JSON.
 *
 * A property whose name already is a variable's name (`LANG`) is meant as that variable; any other never takes the place
 * of an inherited variable, so that a property `path` does not cost the program its PATH.
 */
export function propertyVariables(
  properties: Readonly<Record<string, string>>,
  inherited: Variables,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    const variable = variableName(name);
    if (variable === undefined) continue;
    if (variable === name || inherited[variable] === undefined) variables[variable] = value;
  }
  return variables;
}

/** @returns undefined when no portable variable name can be made of it */
function variableName(property: string): string | undefined {
  const name = property
    .replace(/-/g, '')
    .replace(/[^A-Za-z0-9_]/g, '_')
    .toUpperCase();
  return /^[A-Z_]/.test(name) ? name : undefined;
}

/**
 * The facts in arguments such as `--spring.cloud.task.executionid=7`, as properties. The twins that SCDF addresses to one
 * app (`--app.<app>.…`) say nothing that the others do not.
 */
export function argumentFacts(springArguments: readonly string[]): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const argument of springArguments) {
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(argument) ?? [];
    if (name !== undefined && value !== undefined && !name.startsWith('app.')) facts[name] = value;
  }
  return facts;
}
