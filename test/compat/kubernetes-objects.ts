import type { LaunchRequest } from '../../src/platforms/platform.js';
import { NAME_END } from './kubernetes-replay.js';

type Tree = Record<string, unknown>;

/** A place where two objects differ, and both values as JSON; keys and indexes joined by slashes, `~1` for a slash in a key. */
export interface ObjectMismatch {
  readonly path: string;
  readonly recorded: string;
  readonly made: string;
}

/** Compares a recorded object with one that was made for the same launch; what has no meaning does not count. */
export function compareObjects(recorded: unknown, made: unknown, request: LaunchRequest): ObjectMismatch[] {
  const mismatches: ObjectMismatch[] = [];
  const tail = request.arguments.length + request.springArguments.length;
  compare(canonical(withNames(recorded, request), tail), canonical(withoutOwnLabels(made), tail), '', mismatches);
  return mismatches;
}

/** The recording's placeholders replaced by what the replay uses. */
function withNames(recorded: unknown, request: LaunchRequest): unknown {
  const text = JSON.stringify(recorded)
    .replaceAll(/-<suffix2?>/g, NAME_END)
    .replaceAll('<executionId>', String(request.execution.id));
  return JSON.parse(text);
}

/** Millrace's labels are an addition everywhere; a test of its own holds them. */
function withoutOwnLabels(made: unknown): unknown {
  return JSON.parse(JSON.stringify(made, (key, value: unknown) => (key.startsWith('millrace/') ? undefined : value)));
}

/**
 * Order without meaning is taken out, as the recording's `comparing` says; empty lists and maps count as absent; of variables
 * that occur twice the last one is left, which is the one that counts in a container.
 */
function canonical(object: unknown, argumentCount: number): unknown {
  const sorted = JSON.parse(JSON.stringify(object)) as Tree;
  const template = (sorted['spec'] as Tree)['template'] as Tree | undefined;
  const podSpec = (template?.['spec'] ?? sorted['spec']) as Tree;
  const [main] = podSpec['containers'] as Tree[];
  const args = (main!['args'] ?? []) as string[];
  const properties = Math.max(args.length - argumentCount, 0);
  main!['args'] = [...args.slice(0, properties).sort(), ...args.slice(properties)];
  const all = (main!['env'] ?? []) as { name: string; value?: string }[];
  const env = all.filter(({ name }, index) => !all.slice(index + 1).some((later) => later.name === name));
  main!['env'] = [
    ...env.filter(({ value }) => value !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...env.filter(({ value }) => value === undefined),
  ].map((variable) =>
    variable.name === 'SPRING_APPLICATION_JSON' && variable.value !== undefined
      ? { name: variable.name, value: JSON.parse(variable.value) as unknown }
      : variable,
  );
  const ports = (main!['ports'] ?? []) as { containerPort: number }[];
  main!['ports'] = ports.sort((a, b) => a.containerPort - b.containerPort);
  return withoutEmpty(sorted);
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, withoutEmpty(item)] as const)
    .filter(([, item]) => typeof item !== 'object' || item === null || Object.keys(item).length > 0);
  return Object.fromEntries(kept);
}

function compare(recorded: unknown, made: unknown, path: string, mismatches: ObjectMismatch[]): void {
  if (isTree(recorded) && isTree(made) && !isTextList(recorded) && !isTextList(made)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(made)])) {
      compare(recorded[key], made[key], path === '' ? key : `${path}/${key.replaceAll('/', '~1')}`, mismatches);
    }
  } else if (JSON.stringify(recorded) !== JSON.stringify(made)) {
    mismatches.push({ path, recorded: JSON.stringify(recorded), made: JSON.stringify(made) });
  }
}

/** Lists of texts, such as arguments, differ as a whole. */
function isTextList(value: Tree): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** What an object has at a path of {@link ObjectMismatch}; undefined for nothing. */
export function valueAt(object: unknown, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>((value, key) => (isTree(value) ? value[key.replaceAll('~1', '/')] : undefined), object);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}
