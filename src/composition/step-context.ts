import { z } from 'zod';
import type { ExecutionKey } from '../launching/launch-record.js';

/** What a step's execution context says of its child. */
export interface StepContext {
  /** The child's execution; null if the context does not name one. */
  readonly child: ExecutionKey | null;
  readonly taskName: string;
  /** What the child was launched with. */
  readonly arguments: readonly string[];
  /** Whether the exit message does not count. */
  readonly ignoreExitMessage: boolean;
  /** How a failed child ended: its own rows may be removed before a restart asks. Null for all others. */
  readonly exitCode: number | null;
}

/** A context in the columns of Spring Batch's table. */
export interface StoredContext {
  readonly short: string;
  /** Null when all of it is in the short one. */
  readonly serialized: string | null;
}

const SHORT_LENGTH = 2500;

/**
 * Writes a context as Batch 4 has it from SCDF's runner: Jackson's form of a map, keys in that map's order. Only `exit-code`
 * is ours.
 */
export function storedContext(context: StepContext): StoredContext {
  const { child, taskName, arguments: given, ignoreExitMessage, exitCode } = context;
  const text = JSON.stringify({
    '@class': 'java.util.HashMap',
    ...(ignoreExitMessage ? { IGNORE_EXIT_MESSAGE: true } : {}),
    ...(child === null ? {} : { 'schema-target': child.schemaTarget }),
    'task-arguments': ['java.util.ArrayList', given],
    ...(child === null ? {} : { 'task-execution-id': ['java.lang.Long', child.id] }),
    'batch.taskletType': 'org.springframework.cloud.dataflow.composedtaskrunner.TaskLauncherTasklet',
    'task-name': taskName,
    'batch.stepType': 'org.springframework.batch.core.step.tasklet.TaskletStep',
    ...(exitCode === null ? {} : { 'exit-code': exitCode }),
  });
  if (text.length <= SHORT_LENGTH) return { short: text, serialized: null };
  return { short: `${text.slice(0, SHORT_LENGTH - 8).replace(/[\uD800-\uDBFF]$/, '')} ...`, serialized: text };
}

const StoredSchema = z.object({
  'schema-target': z.enum(['boot2', 'boot3']).default('boot2'),
  'task-execution-id': z.tuple([z.string(), z.number().int()]).optional(),
  'task-arguments': z.tuple([z.string(), z.array(z.string())]).optional(),
  'task-name': z.string().default(''),
  'exit-code': z.number().int().optional(),
  IGNORE_EXIT_MESSAGE: z.unknown().optional(),
});

/** Reads a context, SCDF's too; null for a text that is none. */
export function readStepContext(stored: string | null): StepContext | null {
  let json: unknown;
  try {
    json = JSON.parse(stored ?? '');
  } catch {
    return null;
  }
  const parsed = StoredSchema.safeParse(json);
  if (!parsed.success) return null;
  const { 'schema-target': schemaTarget, 'task-execution-id': id, 'task-arguments': given } = parsed.data;
  return {
    child: id === undefined ? null : { schemaTarget, id: id[1] },
    taskName: parsed.data['task-name'],
    arguments: given?.[1] ?? [],
    ignoreExitMessage: parsed.data.IGNORE_EXIT_MESSAGE !== undefined,
    exitCode: parsed.data['exit-code'] ?? null,
  };
}
