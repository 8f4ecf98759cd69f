/** A setting whose meaning only its reader knows, such as one of a platform account, and that the reader cannot use. */
export interface UnusableSetting {
  /** Full name, as an operator writes it. */
  readonly property: string;
  /** The value; undefined where there is none to show, or where it may be a secret. */
  readonly found: string | undefined;
  /** Completes «it must be …». */
  readonly allowed: string;
}

/** Settings that cannot be used; the message has a line for each: the property in full, its value, what is allowed. */
export class UnusableSettingsError extends Error {
  override readonly name = 'UnusableSettingsError';

  constructor(readonly settings: readonly UnusableSetting[]) {
    super(settings.map(sentence).join('\n'));
  }
}

function sentence({ property, found, allowed }: UnusableSetting): string {
  const shown = found === undefined ? 'has a value that cannot be used' : `has the value '${found}'`;
  return `Property '${property}' ${shown}. It must be ${allowed}.`;
}
