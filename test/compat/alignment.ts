/** A recorded element with its counterpart, or alone if it has none. */
export type Pair = readonly [unknown] | readonly [unknown, unknown];

/**
 * Pairs the elements of a recorded list with those of an answer.
 *
 * By position where the order means something; by key where SCDF gives the order of a hash table, or of the rows in the
 * database file because nobody asked for another. Of the second kind are the apps among the proposals of a completion.
 */
export function align(
  recorded: readonly unknown[],
  actual: readonly unknown[],
  field: string,
  sorted: boolean,
): Pair[] {
  if (field === 'jobExecutions') {
    return align(byExecutionId(recorded), byExecutionId(actual), '', sorted);
  }
  const key = keyOf(field, sorted);
  if (key === undefined) {
    return recorded.map((element, index) => (index < actual.length ? [element, actual[index]] : [element]));
  }
  const candidates = new Map<string, unknown[]>();
  for (const element of actual) {
    const name = key(element);
    candidates.set(name, [...(candidates.get(name) ?? []), element]);
  }
  return recorded.map((element) => {
    const counterpart = candidates.get(key(element))?.shift();
    return counterpart === undefined ? [element] : [element, counterpart];
  });
}

/** The executions of a job instance in the order in which they were made: SCDF lists those of Boot 3 in any order. */
export function byExecutionId(executions: readonly unknown[]): unknown[] {
  const id = (execution: unknown) => Number((execution as { executionId?: unknown } | null)?.executionId);
  return [...executions].sort((one, other) => id(one) - id(other));
}

type Key = (element: unknown) => string;

function keyOf(field: string, sorted: boolean): Key | undefined {
  switch (field) {
    case 'options':
    case 'keyHints':
    case 'schemas':
      return (element) => text(element, 'id') + text(element, 'name');
    case 'proposals':
      return (element) => text(element, 'text');
    case 'values':
      return (element) => Object.keys(element ?? {}).join();
    case 'versions':
      return (element) => JSON.stringify(element);
    case 'appRegistrationResourceList':
      return sorted ? undefined : (element) => ['type', 'name', 'version'].map((name) => text(element, name)).join();
    case 'taskDefinitionResourceList':
      return sorted ? undefined : (element) => text(element, 'name');
    default:
      return undefined;
  }
}

function text(element: unknown, field: string): string {
  const value = (element as Record<string, unknown> | null)?.[field];
  return typeof value === 'string' ? value : '';
}
