/** What a registry wants to be shown, from its `WWW-Authenticate` header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Reads the challenges of a `WWW-Authenticate` header. Parameters may be quoted; several challenges may stand in one header.
 * Malformed parts are passed over.
 */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const part = /([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*)))?/g;
  for (const [, name = '', quoted, plain] of (header ?? '').matchAll(part)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else {
      const { parameters } = challenges.at(-1) ?? {};
      if (parameters !== undefined) parameters[name.toLowerCase()] = value;
    }
  }
  return challenges;
}
