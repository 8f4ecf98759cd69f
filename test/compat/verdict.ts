import type { WireAnswer } from '../support/http.js';
import type { Mismatch } from './compare.js';
import type { Difference } from './differences.js';
import type { Exchange } from './exchanges.js';

/**
 * What is wrong with an answer: mismatches that no difference explains, and differences that explain nothing (any more).
 *
 * @param uncompared places that are not compared because they show the work of a part that is not built yet
 * @returns one line for each problem; none for an answer as it should be
 */
export function problemsOf(
  exchange: Exchange,
  answer: WireAnswer,
  mismatches: readonly Mismatch[],
  differences: readonly Difference[],
  uncompared: readonly string[],
): string[] {
  const relevant = mismatches.filter((mismatch) => !matchesAny(mismatch.path, uncompared));
  const status = differences.find((difference) => difference.status !== undefined)?.status ?? exchange.response.status;
  if (status >= 400 && status !== exchange.response.status) {
    return problemsOfRefusal(status, answer);
  }
  const explained = differences.flatMap((difference) => [
    ...(difference.paths ?? []),
    ...(difference.status === undefined ? [] : ['status']),
  ]);
  const problems = relevant
    .filter((mismatch) => !matchesAny(mismatch.path, explained))
    .map((mismatch) => `${mismatch.path}: expected ${mismatch.expected}, got ${mismatch.actual}`);
  if (status !== exchange.response.status && answer.status !== status) {
    problems.push(`status: expected ${status}, got ${answer.status}`);
  }
  for (const difference of differences.filter(({ sometimes }) => sometimes !== true)) {
    const used = relevant.some((mismatch) => matchesAny(mismatch.path, [...(difference.paths ?? []), 'status']));
    if (!used) {
      problems.push(`the listed difference is none: ${difference.why} (${(difference.paths ?? []).join(', ')})`);
    }
  }
  return problems;
}

/** SCDF's shape of an error: a list with one error that has a message, a logref and a link; a hint may stand beside. */
function problemsOfRefusal(status: number, answer: WireAnswer): string[] {
  const problems: string[] = [];
  if (answer.status !== status) {
    problems.push(`status: expected ${status}, got ${answer.status}`);
  }
  if (answer.contentType !== 'application/json') {
    problems.push(`contentType: expected application/json, got ${answer.contentType ?? 'none'}`);
  }
  const { message, logref, hint = 'none', ...rest } = firstError(answer.body);
  for (const [field, value] of Object.entries({ message, logref, hint })) {
    if (typeof value !== 'string' || value.trim() === '') {
      problems.push(`body._embedded.errors.0.${field}: expected a text, got ${JSON.stringify(value)}`);
    }
  }
  if (JSON.stringify(rest) !== '{"_links":{"self":{"href":"/"}}}') {
    problems.push(`body._embedded.errors.0: expected a link to / and no other field, got ${JSON.stringify(rest)}`);
  }
  return problems;
}

function firstError(body: unknown): Record<string, unknown> {
  const errors = (body as { _embedded?: { errors?: Record<string, unknown>[] } } | null)?._embedded?.errors;
  return (Array.isArray(errors) && errors.length === 1 ? errors[0] : undefined) ?? {};
}

/** Whether a path fits one of the patterns: `*` stands for one part, `**` for any number of parts, also none. */
export function matchesAny(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern === 'body' ? /^body(\.|$)/.test(path) : toExpression(pattern).test(path)));
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split('.').map((part, index) => {
    if (part === '**') {
      return index === 0 ? '.*' : '(\\..+)?';
    }
    const text = part === '*' ? '[^.]+' : part.replace(/[$()[\]+?^|\\{}]/g, '\\$&');
    return index === 0 ? text : `\\.${text}`;
  });
  return new RegExp(`^${parts.join('')}$`);
}
