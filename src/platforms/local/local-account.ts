/** Reads an account's settings and a launch's deployment properties into {@link LocalSettings}. */
import type { AccountSettings, SettingsTree } from '../../configuration/configuration.js';
import { type UnusableSetting, UnusableSettingsError } from '../../configuration/unusable-settings.js';
import { InvalidLaunchRequestError } from '../platform.js';
import {
  bindLocalSettings,
  DEFAULT_LOCAL_SETTINGS,
  isGenericName,
  type LocalSettings,
  type WrittenSetting,
} from './local-settings.js';

/** Who reads the account, for messages. */
export interface LocalAccountContext {
  readonly accountName: string;
  /** Takes a sentence about an unknown setting, which SCDF would ignore in silence. */
  readonly warn: (message: string) => void;
}

/**
 * Checks and types the settings of `spring.cloud.dataflow.task.platform.local.accounts.<account>`.
 * @throws UnusableSettingsError with every value that does not parse
 */
export function parseLocalAccount(settings: AccountSettings, context: LocalAccountContext): LocalSettings {
  const prefix = `spring.cloud.dataflow.task.platform.local.accounts.${context.accountName}.`;
  const unusable: UnusableSetting[] = [];
  const bound = bindLocalSettings(DEFAULT_LOCAL_SETTINGS, flatten(settings, '', prefix, unusable), {
    unacceptable: ({ writtenName, value }, allowed) =>
      unusable.push({ property: writtenName, found: shown(value), allowed }),
    unknown: ({ writtenName }, nearest) =>
      context.warn(`Property '${writtenName}' is unknown and without effect. Did you mean '${prefix}${nearest}'?`),
  });
  const ports = upsideDownPorts(bound);
  if (ports !== undefined) unusable.push({ property: `${prefix}port-range`, found: ports, allowed: PORT_RANGE });
  if (unusable.length > 0) throw new UnusableSettingsError(unusable);
  return bound;
}

/**
 * Lays a launch's deployment properties over the account's settings. Properties of other platforms do not concern us.
 * @param properties without `deployer.<app>.`: `local.java-opts`, `memory`, or in full `spring.cloud.deployer.local.java-opts`
 * @throws InvalidLaunchRequestError for an unknown `local.*` name or a value that does not parse
 */
export function applyDeploymentProperties(
  account: LocalSettings,
  properties: Readonly<Record<string, string>>,
): LocalSettings {
  const written = writtenSettings(properties);
  if (written.length === 0) return account;
  const bound = bindLocalSettings(account, written, {
    unacceptable: ({ writtenName, value }, allowed) => {
      throw new InvalidLaunchRequestError(
        `Deployment property '${writtenName}' has the value '${shown(value)}'. It must be ${allowed}.`,
      );
    },
    unknown: ({ writtenName }, nearest) => {
      throw new InvalidLaunchRequestError(
        `Deployment property '${writtenName}' is unknown on the Local platform. Did you mean 'local.${nearest}'?`,
      );
    },
  });
  const ports = upsideDownPorts(bound);
  if (ports !== undefined) {
    throw new InvalidLaunchRequestError(
      `Deployment property 'local.port-range' has the value '${ports}'. It must be ${PORT_RANGE}.`,
    );
  }
  return bound;
}

function writtenSettings(properties: Readonly<Record<string, string>>): readonly WrittenSetting[] {
  const lists = new Map<string, { writtenName: string; values: string[] }>();
  const written: WrittenSetting[] = [];
  for (const [writtenName, value] of Object.entries(properties)) {
    const short = writtenName.replace(/^spring\.cloud\.deployer\./, '');
    const name = /^local\.(.+)$/i.exec(short)?.[1];
    const element = name === undefined ? null : /^(.+)\[\d{1,4}\]$/.exec(name);
    if (element?.[1] !== undefined) {
      const entries = lists.get(element[1]) ?? { writtenName, values: [] };
      entries.values.push(value);
      lists.set(element[1], entries);
    } else if (name !== undefined) {
      written.push({ writtenName, name, value });
    } else if (isGenericName(short)) {
      written.push({ writtenName, name: short, value, generic: true });
    }
  }
  for (const [name, { writtenName, values }] of lists) written.push({ writtenName, name, value: values });
  return written;
}

function flatten(
  settings: AccountSettings,
  path: string,
  prefix: string,
  unusable: UnusableSetting[],
): WrittenSetting[] {
  return Object.entries(settings).flatMap(([key, value]): WrittenSetting[] => {
    const name = path + key;
    const writtenName = prefix + name;
    if (typeof value === 'string') return [{ writtenName, name, value }];
    if (!isList(value)) return flatten(value, `${name}.`, prefix, unusable);
    const entries = value.filter((entry) => typeof entry === 'string');
    if (entries.length === value.length) return [{ writtenName, name, value: entries }];
    unusable.push({ property: writtenName, found: JSON.stringify(value), allowed: 'a list of plain values' });
    return [];
  });
}

function isList(value: SettingsTree): value is readonly SettingsTree[] {
  return Array.isArray(value);
}

function shown(value: WrittenSetting['value']): string {
  return typeof value === 'string' ? value : value.join(',');
}

const PORT_RANGE = 'a range whose low end is not above its high end';

/** @returns the range as text where its ends are the wrong way round */
function upsideDownPorts({ portRange: { low, high } }: LocalSettings): string | undefined {
  return low === undefined || high === undefined || low <= high ? undefined : `${low} to ${high}`;
}
