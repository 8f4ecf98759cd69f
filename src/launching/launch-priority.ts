import { InvalidLaunchPropertiesError } from './launching.errors.js';

/** The deployment property that says how urgent a launch is, without its `deployer.<app>.`. */
const PRIORITY = 'millrace.priority';

/** Every deployment property that is ours begins so; platforms never see one. */
const OWN_PREFIX = 'millrace.';

export const LOWEST_PRIORITY = -1000;
export const HIGHEST_PRIORITY = 1000;
const USUAL_PRIORITY = 0;

/** Deployment properties, divided: what concerns the queue, and what concerns the platform. */
export interface DividedProperties {
  /** From {@link LOWEST_PRIORITY} to {@link HIGHEST_PRIORITY}; 0 unless something else was asked for. */
  readonly priority: number;
  readonly forPlatform: Readonly<Record<string, string>>;
}

/**
 * Takes the properties of this server out of an app's deployment properties.
 *
 * @param properties without `deployer.<app>.`
 * @throws InvalidLaunchPropertiesError for an unknown `millrace.*` name, and for a priority that is no whole number in range
 */
export function takePriority(properties: Readonly<Record<string, string>>): DividedProperties {
  const forPlatform: Record<string, string> = {};
  let priority = USUAL_PRIORITY;
  for (const [name, value] of Object.entries(properties)) {
    if (!name.startsWith(OWN_PREFIX)) forPlatform[name] = value;
    else if (name === PRIORITY) priority = parsePriority(value);
    else
      throw new InvalidLaunchPropertiesError(`Deployment property '${name}' is unknown. Did you mean '${PRIORITY}'?`);
  }
  return { priority, forPlatform };
}

function parsePriority(value: string): number {
  if (value.trim() === '') return USUAL_PRIORITY;
  const priority = /^[+-]?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (priority >= LOWEST_PRIORITY && priority <= HIGHEST_PRIORITY) return priority;
  throw new InvalidLaunchPropertiesError(
    `Deployment property '${PRIORITY}' has the value '${value.slice(0, 100)}'. ` +
      `It must be a whole number from ${LOWEST_PRIORITY} to ${HIGHEST_PRIORITY}.`,
  );
}
