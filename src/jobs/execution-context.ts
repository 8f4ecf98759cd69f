import { z } from 'zod';
import { messageOf } from '../resources/system-error.js';
import { readJavaStream, UnreadableStreamError } from './java-stream.js';
import { quoteLargeIntegers } from './large-integers.js';
import { mapEntries, type Shown } from './java-values.js';

/** An execution context on the wire. */
export const ExecutionContextSchema = z
  .object({
    dirty: z.boolean(),
    empty: z.boolean(),
    values: z.array(z.record(z.string(), z.unknown())).describe('One object with one property for each entry'),
  })
  .meta({ id: 'ExecutionContext' });

export type ExecutionContextResource = z.infer<typeof ExecutionContextSchema>;

/** Entries of a context in their stored order. */
export type ContextEntries = readonly (readonly [key: string, value: Shown])[];

/** The largest stored context that is shown, in characters; nobody needs to read more than one beyond it. */
export const MAXIMUM_LENGTH = 10_000_000;

/** Keys under which SCDF says that it cannot read a context. */
const NO_JSON = 'context.deserialize.error.jackson';
const NO_STREAM = 'context.deserialize.error.java.deserialization';

/** Writes a context as SCDF does. */
export function executionContextResource(entries: ContextEntries): ExecutionContextResource {
  return { dirty: false, empty: entries.length === 0, values: entries.map(([key, value]) => ({ [key]: value })) };
}

/**
 * Reads a stored context: JSON with class names (the default of Batch 4), or Java's serialisation in Base64 (of Batch 5).
 * Never fails: a context that is neither has entries that say so, under SCDF's keys.
 *
 * @param stored `short_context` or `serialized_context`; undefined for none
 */
export function readExecutionContext(stored: string | undefined): ContextEntries {
  const text = stored?.trim() ?? '';
  if (text === '') return [];
  if (text.length > MAXIMUM_LENGTH) {
    return [[NO_JSON, `The context has more characters than are read (${MAXIMUM_LENGTH}).`]];
  }
  if (text.startsWith('{')) return readJson(text);
  try {
    const entries = mapEntries(readJavaStream(Buffer.from(text, 'base64')));
    return entries ?? unreadable('The context is serialised by Java, but no map.');
  } catch (error) {
    if (!(error instanceof UnreadableStreamError)) throw error;
    return unreadable(`The context is neither JSON nor readable as serialised by Java: ${error.message}.`);
  }
}

/**
 * The kind of step that its context tells of, in the words that SCDF's clients show; empty when it tells nothing.
 */
export function stepTypeOf(entries: ContextEntries): string {
  const values = new Map(entries);
  const tasklet = values.get('batch.taskletType');
  if (typeof tasklet === 'string' && tasklet !== '') return TASKLET_TYPES.get(tasklet) ?? tasklet;
  const step = values.get('batch.stepType');
  return typeof step === 'string' ? (STEP_TYPES.get(step) ?? step) : '';
}

const TASKLET_TYPES: ReadonlyMap<string, string> = new Map([
  ['org.springframework.batch.core.step.item.ChunkOrientedTasklet', 'Chunk Oriented Step'],
  ['org.springframework.batch.core.step.tasklet.SystemCommandTasklet', 'System Command Step'],
  ['org.springframework.batch.core.step.tasklet.CallableTaskletAdapter', 'Callable Tasklet Adapter Step'],
  ['org.springframework.batch.core.step.tasklet.MethodInvokingTaskletAdapter', 'Method Invoking Tasklet Adapter Step'],
]);

const STEP_TYPES: ReadonlyMap<string, string> = new Map([
  ['org.springframework.batch.core.step.tasklet.TaskletStep', 'Tasklet Step'],
  ['org.springframework.batch.core.job.flow.FlowStep', 'Flow Step'],
  ['org.springframework.batch.core.step.job.JobStep', 'Job Step'],
  ['org.springframework.batch.core.partition.support.PartitionStep', 'Partition Step'],
]);

function unreadable(reason: string): ContextEntries {
  return [
    [NO_JSON, 'The context is no JSON.'],
    [NO_STREAM, reason],
  ];
}

function readJson(text: string): ContextEntries {
  let parsed: unknown;
  try {
    parsed = JSON.parse(quoteLargeIntegers(text));
  } catch (error) {
    return [[NO_JSON, `The context is no JSON: ${messageOf(error)}`]];
  }
  const values = parsed as Readonly<Record<string, unknown>>;
  return Object.entries(values)
    .filter(([key]) => key !== '@class')
    .map(([key, value]) => [key, withoutTypes(value, 0)] as const);
}

/** A Java class name with its package, as Jackson writes it before a typed value. */
const CLASS_NAME = /^\[*[\w$]+(\.[\w$]+)+;?$/;

/** Takes Jackson's type information out: `["java.lang.Long",4]` is 4, `{"@class":…,"a":1}` is `{"a":1}`. */
function withoutTypes(value: unknown, depth: number): Shown {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (depth > 100) return '(more than can be shown)';
  if (Array.isArray(value)) {
    const [type, content] = value as readonly unknown[];
    const isTyped = value.length === 2 && typeof type === 'string' && CLASS_NAME.test(type);
    if (!isTyped) return value.map((element) => withoutTypes(element, depth + 1));
    // A typed collection holds its elements in one array, which itself has no type.
    if (Array.isArray(content)) return content.map((element) => withoutTypes(element, depth + 1));
    return typeof content === 'number' && /Date$|Timestamp$/.test(type)
      ? showDate(content)
      : withoutTypes(content, depth + 1);
  }
  if (typeof value !== 'object') return null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, content]) => key !== '@class' || !isCollectionName(content))
      .map(([key, content]) => [key, withoutTypes(content, depth + 1)]),
  );
}

/** Names of maps go without saying; the class of any other object is part of what it is. */
function isCollectionName(name: unknown): boolean {
  return typeof name === 'string' && name.startsWith('java.util.');
}

function showDate(milliseconds: number): Shown {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? milliseconds : date.toISOString().replace('Z', '+0000');
}
