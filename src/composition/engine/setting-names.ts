/**
 * A setting's name in the one form by which all its spellings are found that Spring knows: `max-wait-time`, `maxWaitTime` and
 * `MAX_WAIT_TIME` become `maxwaittime`. Dots stay.
 */
export function canonicalName(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}
