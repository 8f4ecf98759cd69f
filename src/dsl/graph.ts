/**
 * The graph form of a task, as the tools endpoints send and take it and as editors draw it: nodes for `START`, `END` and
 * the apps, links for «runs after» and for transitions.
 */
export interface TaskGraph {
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
}

export interface GraphNode {
  readonly id: string;
  /** The app's name, or one of {@link START}, {@link END}, {@link SYNC}, or an end state such as `$END`. */
  readonly name: string;
  /** The options of the app, absent if it has none. */
  readonly properties?: Readonly<Record<string, string>> | null;
  /** `label`, absent if the app has none. */
  readonly metadata?: Readonly<Record<string, string>> | null;
}

export interface GraphLink {
  readonly from: string;
  readonly to: string;
  /** `transitionName` is the status that the transition waits for, without quotes; absent or null for a plain link. */
  readonly properties?: Readonly<Record<string, string | null>> | null;
}

/** Where every task starts. */
export const START = 'START';

/** Where every task ends. */
export const END = 'END';

/** Stands between two splits that follow each other: all of the first one before any of the second one. */
export const SYNC = 'SYNC';

/** A task that has no graph form, or a graph that is the form of no task. */
export class TaskGraphError extends Error {
  override readonly name = 'TaskGraphError';
  /** The name of the Java exception, which error bodies carry as `logref`. */
  readonly logref = 'IllegalStateException';
}

/** The status that a link waits for; null for a plain link. */
export function transitionOf(link: GraphLink): string | null {
  return link.properties?.transitionName ?? null;
}
