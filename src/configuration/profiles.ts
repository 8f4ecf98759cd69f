/** A profile expression that cannot be read. */
export class ProfileExpressionError extends Error {
  override readonly name = 'ProfileExpressionError';
}

/**
 * Whether a document is for the active profiles: `prod`, `!local`, `prod & (eu | us)`; of a comma-separated list one suffices.
 * `&` and `|` are not mixed without parentheses (Spring's `Profiles`).
 * @throws ProfileExpressionError
 */
export function acceptsProfiles(expression: string, active: readonly string[]): boolean {
  return expression
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .some((one) => new ExpressionParser(one, active).parse());
}

class ExpressionParser {
  private readonly tokens: readonly string[];
  private position = 0;

  constructor(
    private readonly expression: string,
    private readonly active: readonly string[],
  ) {
    this.tokens = expression.match(/[()&|!]|[^()&|!\s]+/g) ?? [];
  }

  parse(): boolean {
    const value = this.operands();
    if (this.position < this.tokens.length) throw this.malformed();
    return value;
  }

  private operands(): boolean {
    let value = this.operand();
    const operator = this.tokens[this.position];
    while (this.tokens[this.position] === '&' || this.tokens[this.position] === '|') {
      if (this.tokens[this.position] !== operator) throw this.malformed();
      this.position += 1;
      const next = this.operand();
      value = operator === '&' ? value && next : value || next;
    }
    return value;
  }

  private operand(): boolean {
    const token = this.tokens[this.position];
    this.position += 1;
    if (token === '!') return !this.operand();
    if (token === '(') {
      const value = this.operands();
      if (this.tokens[this.position] !== ')') throw this.malformed();
      this.position += 1;
      return value;
    }
    if (token === undefined || /^[)&|]$/.test(token)) throw this.malformed();
    return this.active.includes(token);
  }

  private malformed(): ProfileExpressionError {
    return new ProfileExpressionError(
      `«${this.expression}» is no profile expression such as «prod», «!local» or «prod & (eu | us)»`,
    );
  }
}

/** Profiles that stand for a platform of their own in SCDF: with one of them active none is added. */
const PLATFORM_PROFILES = ['kubernetes', 'cloud'];

export interface ProfileFacts {
  readonly insideCluster: boolean;
  /** SPRING_CLOUD_DATAFLOW_SERVER_PROFILEAPPLICATIONLISTENER_IGNORE */
  readonly addNone: boolean;
}

/**
 * The active profiles, lowest rank first: the platform's own (`kubernetes` inside a cluster, else `local`; SCDF adds it beside what
 * is set), then those set explicitly.
 */
export function activeProfiles(explicit: readonly string[], facts: ProfileFacts): readonly string[] {
  const profiles = [...new Set(explicit)];
  if (facts.addNone || profiles.some((profile) => PLATFORM_PROFILES.includes(profile))) return profiles;
  const platform = facts.insideCluster ? 'kubernetes' : 'local';
  return profiles.includes(platform) ? profiles : [platform, ...profiles];
}
