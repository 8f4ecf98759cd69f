/** Settings of a composed task that cannot be used; all that is wrong is told at once, a sentence for each. */
export abstract class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join(' '));
    this.name = new.target.name;
  }
}
