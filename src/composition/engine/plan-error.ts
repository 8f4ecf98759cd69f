/** One thing that keeps a composed task from being run. */
export interface PlanProblem {
  /** A sentence that names the culprit. */
  readonly message: string;
  /** Where it is, in UTF-16 units from the start of the executable text; null if it is the whole that does not fit. */
  readonly position: number | null;
}

/** A text that can be read but not run. All its problems are found at once. */
export class PlanError extends Error {
  constructor(readonly problems: readonly [PlanProblem, ...PlanProblem[]]) {
    super(problems.map(({ message }) => message).join(' '));
    this.name = new.target.name;
  }
}
