import { LruMap } from '../collections/lru-map.js';
import { isComposed } from '../dsl/facts.js';
import { maskDsl, maskTask } from '../dsl/mask.js';
import { readDefinition } from './definitions.service.js';
import type { TaskDefinition } from './task-definition.entity.js';

/** What can be seen of a definition without asking anybody. */
export interface ShownDefinition {
  /** The text with its secrets masked. */
  readonly dslText: string;
  readonly composed: boolean;
}

/** Lists show the same texts again and again; to read two hundred of them is a good part of what such a page costs. */
const known = new LruMap<string, ShownDefinition>(1_000);

/** Longer texts are read each time, so that what is kept stays within a few MB. */
const LONGEST_KEPT = 1_000;

/** Reads a definition for people; one that cannot be read (any more) is masked as a text. */
export function shownDefinition({ name, dslText }: Pick<TaskDefinition, 'name' | 'dslText'>): ShownDefinition {
  const key = `${name}\0${dslText}`;
  const kept = known.get(key);
  if (kept !== undefined) return kept;
  const task = readDefinition({ name, dslText });
  const shown = {
    dslText: task === undefined ? maskDsl(dslText) : maskTask(task),
    composed: task !== undefined && isComposed(task),
  };
  if (key.length <= LONGEST_KEPT) known.set(key, shown);
  return shown;
}
