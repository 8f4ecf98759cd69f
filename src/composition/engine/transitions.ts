import { FlowStatus, PlanTarget, PlanTransition, StepElement, Unmatched } from './plan.js';

/** How a step ended, as far as transitions look at it. */
export interface StepEnd {
  /** The text in EXIT_CODE of its step execution. */
  readonly exitStatus: string;
  /** The exit code of the child's execution; null if it is not known, as after a timeout. */
  readonly exitCode: number | null;
}

/** Where a flow goes after a step. */
export type Decision =
  | { readonly kind: 'next' }
  | { readonly kind: 'target'; readonly target: PlanTarget }
  | { readonly kind: 'end'; readonly status: FlowStatus };

/** A transition as written, before it has its place among the others. */
export interface WrittenTransition {
  /** Without quotes. */
  readonly status: string;
  readonly quoted: boolean;
  readonly target: PlanTarget;
}

export const WILDCARD = '*';

/**
 * Decides where a flow goes on after a step.
 *
 * As in SCDF, every pattern, quoted or bare, is compared with the exit status. Only where none matches, a bare number is
 * compared with the exit code (SCDF: never, so that it matches only a message that is that number). Failing that, what is
 * not matched has the meaning that Spring Batch gives it, see {@link unmatchedMeaning}.
 */
export function decide(element: StepElement, end: StepEnd): Decision {
  const matched =
    element.transitions.find(({ pattern }) => matches(pattern, end.exitStatus)) ??
    element.transitions.find(({ exitCode }) => exitCode !== null && exitCode === end.exitCode);
  if (matched !== undefined) return { kind: 'target', target: matched.target };
  const meaning = end.exitStatus === 'COMPLETED' ? element.unmatched.completed : element.unmatched.other;
  return meaning === 'NEXT' ? { kind: 'next' } : { kind: 'end', status: meaning };
}

/**
 * Puts transitions into the order in which they are tried: fewest `*` first, then fewest `?`, then by text (Spring
 * Batch). Of several with one pattern the first written comes first, and so is the only one that a text can match.
 */
export function inOrder(written: readonly WrittenTransition[]): readonly PlanTransition[] {
  return written
    .map(({ status, quoted, target }) => ({
      // Spring Batch reads a blank pattern as the wildcard.
      pattern: status.trim() === '' ? WILDCARD : status,
      exitCode: !quoted && /^\d+$/.test(status) ? Number(status) : null,
      target,
    }))
    .sort(({ pattern: one }, { pattern: other }) => {
      if (one === other) return 0;
      return count(one, '*') - count(other, '*') || count(one, '?') - count(other, '?') || (one < other ? -1 : 1);
    });
}

/**
 * What exit statuses mean that no transition matches.
 *
 * Without transitions: COMPLETED goes on, anything else fails. With transitions and more elements behind: all go on, FAILED
 * too (the rest hangs on an implicit `*`). With transitions at the end of a flow: all fail unless some pattern takes
 * FAILED, and else all complete unless some pattern takes COMPLETED; if both are taken, the others fail.
 *
 * One thing is added for bare numbers, which SCDF does not understand: an app at the end of a flow that names only exit
 * codes completes with COMPLETED (SCDF: fails always).
 */
export function unmatchedMeaning(transitions: readonly PlanTransition[], last: boolean): Unmatched {
  if (transitions.length === 0) return { completed: 'NEXT', other: 'FAILED' };
  if (!last) return { completed: 'NEXT', other: 'NEXT' };
  const taken = (status: FlowStatus): boolean => transitions.some(({ pattern }) => matches(pattern, status));
  if (taken('FAILED')) {
    const other = taken('COMPLETED') ? 'FAILED' : 'COMPLETED';
    return { completed: other, other };
  }
  const codesOnly = transitions.every(({ exitCode }) => exitCode !== null);
  return { completed: codesOnly ? 'COMPLETED' : 'FAILED', other: 'FAILED' };
}

/** Whether a pattern matches a whole text: `*` any characters, `?` one, all others themselves. Never slow: no regex. */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === WILDCARD) {
      star = p;
      p += 1;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      // Let the last star stand for one character more.
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === WILDCARD) p += 1;
  return p === pattern.length;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
