import type { PropertyName } from './property-names.js';
import { uniformSegment } from './property-names.js';

/** One thing that keeps the server from starting. */
export interface ConfigurationProblem {
  /** Full property name; undefined for a source that cannot be read at all. */
  readonly property: string | undefined;
  /** File and line, environment variable or argument. */
  readonly origin: string;
  /** The value found, masked if it may be a secret; undefined if there is none to show. */
  readonly found: string | undefined;
  /** What is wrong, or what is allowed instead. */
  readonly message: string;
}

/** The configuration cannot be used; the message is a block of lines that lists everything that is wrong. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(describeProblems(problems));
  }
}

function describeProblems(problems: readonly ConfigurationProblem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return [`The configuration has ${count}:`, ...problems.map(describeProblem)].join('\n\n');
}

function describeProblem({ property, origin, found, message }: ConfigurationProblem): string {
  if (property === undefined) return `  ${origin}\n    ${message}`;
  const lines = [`  ${property}`, `    source:  ${origin}`];
  if (found !== undefined) lines.push(`    found:   ${found}`);
  return [...lines, `    allowed: ${message}`].join('\n');
}

const SECRET_NAME = /password|passphrase|secret|token|credential|privatekey|apikey|accesskey|dockerconfigjson/;
const MAXIMUM_SHOWN = 200;

/** Whether a property of this name may hold a secret. */
export function isSecretName(name: PropertyName): boolean {
  return name.some((segment) => SECRET_NAME.test(uniformSegment(segment)));
}

/** A value as it may be shown: masked for a secret property, and where it looks like an address with a password in it. */
export function shownValue(value: string, secret: boolean): string {
  if (value === '') return 'nothing (empty)';
  if (secret) return '******';
  const masked = value
    .replaceAll(/(:\/\/[^/?#@\s:]*:)[^/?#\s]*@/g, '$1******@')
    // Oracle's user/password@database, which an SCDF installation that moves here may still have.
    .replaceAll(/(:(?:thin|oci):[^/@\s]*\/)[^@\s]*@/g, '$1******@')
    .replaceAll(/((?:password|passwd|pwd|secret|token)\w*=)[^&;,\s]*/gi, '$1******');
  const shown = masked.length > MAXIMUM_SHOWN ? `${masked.slice(0, MAXIMUM_SHOWN)}…` : masked;
  return JSON.stringify(shown).replaceAll('\\\\', '\\');
}
