/** What is executed for a jar or a program: argument list and environment. Pure: files are looked at elsewhere. */
import type { LaunchRequest } from '../platform.js';
import { argumentFacts, inheritedVariables, propertyVariables } from './launch-environment.js';
import type { LocalSettings } from './local-settings.js';

/** The part of a request that decides how the program is called. */
export type LaunchInput = Pick<LaunchRequest, 'appProperties' | 'arguments' | 'springArguments'>;
type Variables = Readonly<Record<string, string | undefined>>;

/** An argument list and the whole environment to run it with. */
export interface CommandLine {
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

/** SCDF's range for the web port of an application. */
const PORT_RANGE = { low: 20_000, high: 61_000 };

/**
 * `java … -jar <jar> …`: properties in SPRING_APPLICATION_JSON or, with `use-spring-application-json=false`, as arguments
 * before the user's; the server's arguments come last.
 * @param java the command, absolute
 * @param random a number in [0, 1), for the web port (see {@link withServerPort})
 */
export function jarCommand(
  java: string,
  jar: string,
  input: LaunchInput,
  settings: LocalSettings,
  parent: Variables,
  random: number,
): CommandLine {
  const properties = withServerPort(input, settings, random);
  const asJson = settings.useSpringApplicationJson;
  return {
    argv: [
      java,
      ...debugOptions(settings),
      ...memoryOptions(settings),
      ...(settings.javaOpts ?? []),
      '-jar',
      jar,
      ...(asJson ? [] : propertyArguments(properties)),
      ...input.arguments,
      ...input.springArguments,
    ],
    environment: {
      ...inheritedVariables(parent, settings.envVarsToInherit),
      ...(asJson ? { SPRING_APPLICATION_JSON: JSON.stringify(properties) } : {}),
    },
  };
}

/**
 * A program that need not know Spring: only the user's arguments, and everything else as environment variables.
 * @param program the command with the arguments that the file itself asks for (`#!/usr/bin/env python3`)
 */
export function programCommand(
  program: readonly [string, ...string[]],
  input: LaunchInput,
  settings: LocalSettings,
  parent: Variables,
): CommandLine {
  const inherited = inheritedVariables(parent, settings.envVarsToInherit);
  const facts = { ...input.appProperties, ...argumentFacts(input.springArguments) };
  return {
    argv: [...program, ...input.arguments],
    environment: {
      ...inherited,
      ...propertyVariables(facts, inherited),
      SPRING_APPLICATION_JSON: JSON.stringify(input.appProperties),
    },
  };
}

/** `--key=value` of every property. */
export function propertyArguments(properties: Readonly<Record<string, string>>): string[] {
  return Object.entries(properties).map(([name, value]) => `--${name}=${value}`);
}

/**
 * As in SCDF a task with a web server gets a port of its own unless it names one, so that two can run at once: a free one
 * (0), or one of `port-range` where an account or a launch sets it.
 */
function withServerPort(input: LaunchInput, settings: LocalSettings, random: number): Readonly<Record<string, string>> {
  const name = 'server.port';
  const given = [...input.arguments, ...input.springArguments].some((argument) => argument.startsWith(`--${name}=`));
  if (given || input.appProperties[name] !== undefined) return input.appProperties;
  const { low, high } = settings.portRange;
  if (low === undefined && high === undefined) return { ...input.appProperties, [name]: '0' };
  const first = low ?? Math.min(PORT_RANGE.low, high ?? PORT_RANGE.low);
  const last = high ?? Math.max(PORT_RANGE.high, first);
  return { ...input.appProperties, [name]: String(first + Math.floor(random * (last - first + 1))) };
}

/** JDWP, where `debug-address` or the older `debug-port` is set. */
export function debugOptions({ debugAddress, debugPort, debugSuspend }: LocalSettings): string[] {
  const address = debugAddress ?? (debugPort === undefined ? undefined : String(debugPort));
  if (address === undefined || address === '') return [];
  return [`-agentlib:jdwp=transport=dt_socket,server=y,suspend=${debugSuspend},address=${address}`];
}

/** SCDF turns `memory` into the heap's limit unless the Java options set one. */
function memoryOptions({ memory, javaOpts }: LocalSettings): string[] {
  if (memory === undefined || javaOpts?.some((option) => option.startsWith('-Xmx')) === true) return [];
  return [`-Xmx${memory}m`];
}
