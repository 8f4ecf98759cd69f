/** Deployment properties of a launch, sorted out: whose they are, which spelling counts, indexed ones as lists. Pure. */
import type { SettingsTree } from '../../../configuration/configuration.js';
import { InvalidLaunchRequestError } from '../../platform.js';
import { parseInlineYaml } from './inline-yaml.js';
import { UnacceptableValue, uniformName } from './values.js';

/** One property and where it was written. */
export interface WrittenProperty {
  /** As its author wrote it, for messages. */
  readonly writtenName: string;
  /** Without `kubernetes.`. */
  readonly name: string;
  readonly uniform: string;
  readonly value: SettingsTree;
}

/**
 * Sorts properties by platform. Of several spellings of one name the exact camel case counts, else the last; `name[0]=…`,
 * `name[1].field=…` become a list.
 *
 * @param exact all names in exact camel case
 * @returns those of Kubernetes and those of every platform (`memory`); others are left out
 * @throws InvalidLaunchRequestError for lists with gaps
 */
export function collectProperties(
  properties: Readonly<Record<string, string>>,
  exact: ReadonlySet<string>,
): { readonly kubernetes: readonly WrittenProperty[]; readonly generic: readonly WrittenProperty[] } {
  const kubernetes = new Map<string, WrittenProperty>();
  const generic: WrittenProperty[] = [];
  const items = new Map<string, ListItems>();
  for (const [writtenName, value] of Object.entries(properties)) {
    const short = writtenName.replace(/^spring\.cloud\.deployer\./, '');
    const name = /^kubernetes\.(.+)$/i.exec(short)?.[1];
    if (name === undefined) {
      generic.push({ writtenName, name: short, uniform: uniformName(short), value });
      continue;
    }
    const item = /^([^[\]]+)\[(\d{1,3})\](?:\.([^[\]]+))?$/.exec(name);
    if (item !== null) {
      addItem(items, writtenName, item, value);
      continue;
    }
    const uniform = uniformName(name);
    if (!exact.has(kubernetes.get(uniform)?.name ?? '')) kubernetes.set(uniform, { writtenName, name, uniform, value });
  }
  for (const [uniform, list] of items) {
    if (!kubernetes.has(uniform)) kubernetes.set(uniform, { ...list, uniform, value: treeOf(list) });
  }
  return { kubernetes: [...kubernetes.values()], generic };
}

interface ListItems {
  readonly writtenName: string;
  readonly name: string;
  /** Index to a text, or to the texts of fields. */
  readonly byIndex: Map<number, string | Record<string, string>>;
}

function addItem(items: Map<string, ListItems>, writtenName: string, match: RegExpExecArray, value: string): void {
  const [, name = '', position = '', field] = match;
  const uniform = uniformName(name);
  const list: ListItems = items.get(uniform) ?? { writtenName, name, byIndex: new Map() };
  items.set(uniform, list);
  const index = Number(position);
  const current = list.byIndex.get(index);
  if (field === undefined) list.byIndex.set(index, value);
  else if (typeof current !== 'string') list.byIndex.set(index, { ...current, [field]: value });
}

function treeOf({ writtenName, byIndex }: ListItems): readonly SettingsTree[] {
  return Array.from({ length: byIndex.size }, (_, index) => {
    const item = byIndex.get(index);
    if (item === undefined) {
      throw new InvalidLaunchRequestError(
        `Deployment property '${writtenName}' belongs to a list with a gap: indexes begin with 0 and leave none out.`,
      );
    }
    return typeof item === 'string'
      ? inline(item, writtenName)
      : Object.fromEntries(Object.entries(item).map(([field, value]) => [field, inline(value, writtenName)]));
  });
}

/** Items that look like YAML are YAML. */
function inline(value: string, writtenName: string): SettingsTree {
  if (!/^\s*[{[]/.test(value)) return value;
  try {
    return parseInlineYaml(value) ?? '';
  } catch (error) {
    if (!(error instanceof UnacceptableValue)) throw error;
    throw new InvalidLaunchRequestError(`Deployment property '${writtenName}' must be ${error.allowed}.`);
  }
}
