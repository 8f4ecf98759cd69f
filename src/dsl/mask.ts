import type { TaskNode } from './ast.js';
import { TaskDslError } from './errors.js';
import { parseText } from './parse.js';
import { printTask } from './print.js';
import { MASK, maskLoosely, maskValue } from './secrets.js';

/**
 * The text of a definition as it may be shown: secret option values are `'******'`, see secrets.ts for which they are.
 * All else stays as it is written, options and sequences in their order, printed in the style of print.ts. Text that
 * cannot be read as a definition is shown as given, but for whatever looks like a secret option.
 */
export function maskDsl(dsl: string): string {
  try {
    return maskTask(parseText(dsl));
  } catch (error) {
    if (!(error instanceof TaskDslError)) throw error;
    return maskLoosely(dsl, () => `'${MASK}'`);
  }
}

/** The same for a definition that was read already. */
export function maskTask(task: TaskNode): string {
  return printTask(task, ({ name, value }) => maskValue(name, value));
}
