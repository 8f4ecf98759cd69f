import { canonicalName } from './setting-names.js';

/** What Millrace is told about a child beside SCDF's properties. */
export interface ChildOption {
  /** As it was written. */
  readonly key: string;
  /** Behind `millrace.`, see {@link canonicalName}. */
  readonly name: string;
  readonly value: string;
}

const OPTION = /^deployer\.([^.]+)\.millrace\.(.+)$/s;

/**
 * The properties `deployer.<c>.millrace.<name>` of a child's launch. Of one name the last counts: what is said of all children (`*`)
 * comes before what is said of the child by its name. A blank value unsets what an earlier launch said, and is left out.
 */
export function childOptions(properties: ReadonlyMap<string, string>): readonly ChildOption[] {
  const general: ChildOption[] = [];
  const own: ChildOption[] = [];
  for (const [key, given] of properties) {
    const [, scope, name] = OPTION.exec(key) ?? [];
    const value = given.trim();
    if (name === undefined || value === '') continue;
    (scope === '*' ? general : own).push({ key, name: canonicalName(name), value });
  }
  return [...general, ...own];
}
