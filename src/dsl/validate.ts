import { AppNode, Label, TaskNode } from './ast.js';
import { problem, Problem, ProblemCode } from './problems.js';
import { elementsOf } from './walk.js';

/**
 * Finds what contradicts itself in a task that could be read: labels and app names that are not unique, label
 * transitions that lead nowhere, sequences that nothing can reach.
 *
 * @returns all problems: in text order, undefined labels last; empty if the task is sound
 */
export function findProblems(task: TaskNode): Problem[] {
  const review = new Review();
  task.sequences.forEach((sequence, index) => {
    const [first] = sequence.elements;
    if (index > 0 && first !== undefined && first.label === null) {
      review.report('TASK_VALIDATION_SECONDARY_SEQUENCES_MUST_BE_NAMED', first.range.start);
    }
    for (const element of elementsOf(sequence)) {
      if (element.kind === 'split') review.splitLabel(element.label);
      else review.appWithTransitions(element);
    }
  });
  return review.conclude();
}

/** What is known of the names of a task while it is gone through in text order. */
class Review {
  private readonly problems: Problem[] = [];
  private readonly labels = new Set<string>();
  private readonly unlabelledApps = new Set<string>();
  private readonly references: { readonly label: string; readonly position: number }[] = [];

  report(code: ProblemCode, position: number): void {
    this.problems.push(problem(code, position));
  }

  splitLabel(label: Label | null): void {
    if (label !== null) this.define(label);
  }

  appWithTransitions(app: AppNode): void {
    this.app(app);
    for (const { status, target } of app.transitions) {
      if (target.kind === 'app') this.app(target);
      else this.references.push({ label: target.label, position: status.range.start });
    }
  }

  conclude(): Problem[] {
    for (const { label, position } of this.references) {
      if (!this.labels.has(label)) this.report('TASK_VALIDATION_TRANSITION_TARGET_LABEL_UNDEFINED', position);
    }
    return this.problems;
  }

  private app({ label, name, nameRange: { start } }: AppNode): void {
    if (label !== null) {
      this.define(label);
      if (this.unlabelledApps.has(label.text)) {
        this.report('TASK_VALIDATION_LABEL_CLASHES_WITH_TASKAPP_NAME', label.range.start);
      }
      return;
    }
    if (this.labels.has(name)) this.report('TASK_VALIDATION_APP_NAME_CLASHES_WITH_LABEL', start);
    if (this.unlabelledApps.has(name)) this.report('TASK_VALIDATION_APP_NAME_ALREADY_IN_USE', start);
    this.unlabelledApps.add(name);
  }

  private define({ text, range }: Label): void {
    if (this.labels.has(text)) this.report('TASK_VALIDATION_DUPLICATE_LABEL', range.start);
    this.labels.add(text);
  }
}
