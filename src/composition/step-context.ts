import { z } from 'zod';
import type { ExecutionKey } from '../launching/launch-record.js';

/** How far a step has come with its child, which none of Spring Batch's columns tells. */
export interface StepNote {
  /** How often its child has been launched. */
  readonly attempts: number;
  /** When it will be launched again; the last attempt is over then. An ISO date. */
  readonly notBefore?: string | undefined;
  /** Its child has taken too long, to start or to run, and is being cancelled. */
  readonly timedOut?: 'start' | 'run' | undefined;
}

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
  /** Of the runner as a program, which has no other place for it; the server has the run's row. */
  readonly note?: ContextNote | undefined;
}

export interface ContextNote extends StepNote {
  /** When the attempt under way was launched, if it is not the first one. An ISO date. */
  readonly launchedAt?: string | undefined;
}

/** A context in the columns of Spring Batch's table. */
export interface StoredContext {
  readonly short: string;
  /** Null when all of it is in the short one. */
  readonly serialized: string | null;
}

const SHORT_LENGTH = 2500;

/**
 * Writes a context as Batch 4 has it from SCDF's runner: Jackson's form of a map, keys in that map's order. `exit-code` and
 * what follows it are ours: values that need no class beside them, so that Spring Batch can read them.
 */
export function storedContext(context: StepContext): StoredContext {
  const { child, taskName, arguments: given, ignoreExitMessage, exitCode, note } = context;
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
    ...(note === undefined ? {} : storedNote(note)),
  });
  if (text.length <= SHORT_LENGTH) return { short: text, serialized: null };
  return { short: `${text.slice(0, SHORT_LENGTH - 8).replace(/[\uD800-\uDBFF]$/, '')} ...`, serialized: text };
}

/** What is not said is left out. */
function storedNote({ attempts, notBefore, timedOut, launchedAt }: ContextNote): object {
  const said = attempts > 1 ? attempts : undefined;
  return { attempts: said, 'not-before': notBefore, 'timed-out': timedOut, 'launched-at': launchedAt };
}

const StoredSchema = z.object({
  'schema-target': z.enum(['boot2', 'boot3']).default('boot2'),
  'task-execution-id': z.tuple([z.string(), z.number().int()]).optional(),
  'task-arguments': z.tuple([z.string(), z.array(z.string())]).optional(),
  'task-name': z.string().default(''),
  'exit-code': z.number().int().optional(),
  attempts: z.number().int().min(1).default(1),
  'not-before': z.iso.datetime().optional(),
  'timed-out': z.enum(['start', 'run']).optional(),
  'launched-at': z.iso.datetime().optional(),
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
    ...noteOf(parsed.data),
  };
}

function noteOf(stored: z.infer<typeof StoredSchema>): Pick<StepContext, 'note'> {
  const { attempts, 'not-before': notBefore, 'timed-out': timedOut, 'launched-at': launchedAt } = stored;
  const isSaid = attempts > 1 || [notBefore, timedOut, launchedAt].some((one) => one !== undefined);
  return isSaid ? { note: { attempts, notBefore, timedOut, launchedAt } } : {};
}
