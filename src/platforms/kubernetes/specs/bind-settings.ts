/** Reads layers of settings: an account's tree and a launch's deployment properties, both by the same table. Pure. */
import type { AccountSettings, SettingsTree } from '../../../configuration/configuration.js';
import type { UnusableSetting } from '../../../configuration/unusable-settings.js';
import { nearestName } from '../../nearest-name.js';
import { InvalidLaunchRequestError } from '../../platform.js';
import { collectProperties, type WrittenProperty } from './written-properties.js';
import { parseInlineYaml } from './inline-yaml.js';
import { readInitContainer } from './init-containers.js';
import {
  ACCOUNT_PROPERTIES,
  GENERIC_PROPERTIES,
  mayHoldSecrets,
  OLD_PROPERTIES,
  PROPERTIES,
  STREAM_PROPERTIES,
  type Bind,
} from './properties.js';
import { draftSettings, type KubernetesSettings, type SettingsDraft } from './settings.js';
import { isMap, UnacceptableValue, uniformName } from './values.js';

const index = (properties: Readonly<Record<string, Bind>>): ReadonlyMap<string, Bind> =>
  new Map(Object.entries(properties).map(([name, bind]) => [uniformName(name), bind]));

const OLD = index(OLD_PROPERTIES);
const CURRENT = index(PROPERTIES);
const ACCOUNT_ONLY = index(ACCOUNT_PROPERTIES);
const GENERIC = index(GENERIC_PROPERTIES);
const STREAM = new Set(STREAM_PROPERTIES.map(uniformName));
const EXACT = new Set([...Object.keys(PROPERTIES), ...Object.keys(OLD_PROPERTIES)]);

/** What an account's tree says, and what is wrong with it. */
export interface AccountLayer {
  readonly settings: KubernetesSettings;
  readonly unusable: readonly UnusableSetting[];
  /** One sentence for each unknown name. */
  readonly warnings: readonly string[];
}

/** @param prefix of the property names in messages, with its dot */
export function bindAccount(settings: AccountSettings, prefix: string): AccountLayer {
  const draft = draftSettings();
  const unusable: UnusableSetting[] = [];
  const warnings: string[] = [];
  const found: { name: string; bind: Bind; value: SettingsTree; old: boolean }[] = [];
  const walk = (tree: AccountSettings, path: string): void => {
    for (const [key, value] of Object.entries(tree)) {
      const name = path + key;
      const uniform = uniformName(name);
      const bind = CURRENT.get(uniform) ?? ACCOUNT_ONLY.get(uniform) ?? OLD.get(uniform);
      if (bind !== undefined) found.push({ name, bind, value, old: OLD.has(uniform) });
      else if (uniform === 'fabric8' || STREAM.has(uniform)) continue;
      else if (isMap(value)) walk(value, `${name}.`);
      else
        warnings.push(`Property '${prefix}${name}' is unknown and without effect. ${suggestion(name, prefix, true)}`);
    }
  };
  walk(settings, '');
  for (const { name, bind, value } of found.toSorted((a, b) => Number(b.old) - Number(a.old))) {
    if (isBlank(value)) continue;
    const allowed = attempt(() => bind(draft, value));
    if (allowed !== undefined) unusable.push({ property: prefix + name, found: shown(name, value), allowed });
  }
  return { settings: draft, unusable, warnings };
}

/**
 * What a launch's deployment properties say. Those of other platforms do not concern us.
 *
 * @param properties without `deployer.<app>.`: `kubernetes.limits.memory`, `memory`, or with `spring.cloud.deployer.` before it
 * @throws InvalidLaunchRequestError for an unknown `kubernetes.*` name or a value that cannot be used
 */
export function bindLaunch(properties: Readonly<Record<string, string>>): KubernetesSettings {
  const draft = draftSettings();
  const { kubernetes, generic } = collectProperties(properties, EXACT);
  const known = kubernetes.map((property) => ({ property, bind: bindingOf(property) }));
  const ordered = known.toSorted((a, b) => Number(isOld(b.property)) - Number(isOld(a.property)));
  for (const { property, bind } of ordered) {
    if (bind !== undefined && !isBlank(property.value)) bindWritten(draft, property, bind);
  }
  for (const property of generic) {
    const bind = GENERIC.get(property.uniform);
    if (bind !== undefined && !isBlank(property.value)) bindWritten(draft, property, bind);
  }
  const part = kubernetes.find(({ uniform }) => uniform.startsWith('initcontainer.'));
  if (part !== undefined) bindWritten(draft, part, joinInitContainer);
  return draft;
}

function isOld({ uniform }: WrittenProperty): boolean {
  return OLD.has(uniform);
}

/** @returns undefined for a property without effect */
function bindingOf({ writtenName, name, uniform }: WrittenProperty): Bind | undefined {
  const bind = CURRENT.get(uniform) ?? OLD.get(uniform);
  if (bind !== undefined) return bind;
  // SCDF ignores it in launches, and no client means anything by it.
  if (STREAM.has(uniform) || uniform === 'maximumconcurrenttasks') return undefined;
  if (ACCOUNT_ONLY.has(uniform) || uniform.startsWith('fabric8')) {
    throw new InvalidLaunchRequestError(
      `Deployment property '${writtenName}' belongs to the platform account and cannot be set for a launch. ` +
        'Choose the account by spring.cloud.dataflow.task.platformName.',
    );
  }
  throw new InvalidLaunchRequestError(
    `Deployment property '${writtenName}' is unknown on the Kubernetes platform. ${suggestion(name, 'kubernetes.', false)}`,
  );
}

function bindWritten(draft: SettingsDraft, { writtenName, name, value }: WrittenProperty, bind: Bind): void {
  const allowed = attempt(() => bind(draft, value));
  if (allowed !== undefined) {
    const found = shown(name, value);
    const complaint = found === undefined ? 'has a value that cannot be used' : `has the value '${found}'`;
    throw new InvalidLaunchRequestError(`Deployment property '${writtenName}' ${complaint}. It must be ${allowed}.`);
  }
}

/** The flat form of an init container counts where the object form is absent, as in SCDF. */
const joinInitContainer: Bind = (draft) => {
  const parts = draft.initContainerParts;
  delete draft.initContainerParts;
  if (parts === undefined || draft.initContainer !== undefined) return;
  const mounts = parts['volumeMounts'] === undefined ? undefined : parseInlineYaml(parts['volumeMounts']);
  draft.initContainer = readInitContainer({ ...parts, ...(mounts === undefined ? {} : { volumeMounts: mounts }) });
};

/** @returns what is allowed, when the value is not */
function attempt(bind: () => void): string | undefined {
  try {
    bind();
    return undefined;
  } catch (error) {
    if (error instanceof UnacceptableValue) return error.allowed;
    throw error;
  }
}

/** @returns undefined for a value that may be a secret */
function shown(name: string, value: SettingsTree): string | undefined {
  if (mayHoldSecrets(name)) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function suggestion(name: string, prefix: string, ofAccount: boolean): string {
  const candidates = [...Object.keys(PROPERTIES), ...(ofAccount ? Object.keys(ACCOUNT_PROPERTIES) : [])];
  // Dots are no letters: limits-memory is nearest to limits.memory.
  const nearest = nearestName(name, candidates, (candidate) => uniformName(candidate));
  return `Did you mean '${prefix}${nearest ?? ''}'?`;
}

/** A blank value counts as not written, as in SCDF for most properties. */
function isBlank(value: SettingsTree): boolean {
  return typeof value === 'string' && value.trim() === '';
}
