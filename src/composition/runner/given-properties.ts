import { type PlaceholderLookup, resolvePlaceholders } from '../../configuration/placeholders.js';

/** Where a runner's properties come from. */
export interface PropertySources {
  /** Command-line arguments after `compose`. */
  readonly arguments: readonly string[];
  /** `process.env` */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A source that cannot be read. */
export class UnreadableSourceError extends Error {
  override readonly name = 'UnreadableSourceError';
}

/** Properties of the runner whose keys are free below them. */
const MAPS = ['composed-task-app-arguments', 'composed-task-app-properties'];

const JSON_VARIABLE = 'SPRING_APPLICATION_JSON';
const JSON_PROPERTY = 'spring.application.json';

/**
 * The properties that a runner was given, found in every spelling that Spring knows: `--max-wait-time=1`,
 * `--maxWaitTime=1`, `MAX_WAIT_TIME=1`, `{"maxWaitTime":1}`. Arguments win over SPRING_APPLICATION_JSON, that over
 * environment variables, which is Spring's order; of two arguments the later one wins.
 *
 * That covers how SCDF's deployers hand properties over: as arguments (entry point style exec), as JSON (boot, and the Local
 * deployer), and as variables in upper case (shell), whose dashes some platforms keep.
 */
export class GivenProperties {
  private readonly byName = new Map<string, string>();
  private readonly maps = new Map(MAPS.map((name) => [canonical(name), new Map<string, string>()]));

  /** @throws UnreadableSourceError for a SPRING_APPLICATION_JSON that is no JSON object */
  constructor(private readonly sources: PropertySources) {
    const given = sources.arguments.flatMap((argument) => {
      const [, name = '', value = ''] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
      return name === '' ? [] : [[name, value] as const];
    });
    for (const [name, value] of Object.entries(sources.environment)) {
      if (value !== undefined && name !== JSON_VARIABLE) this.put(nameOfVariable(name), value);
    }
    const json = given.findLast(([name]) => canonical(name) === canonical(JSON_PROPERTY))?.[1];
    for (const [name, value] of readJson(json ?? sources.environment[JSON_VARIABLE] ?? '')) this.put(name, value);
    for (const [name, value] of given) this.put(name, value);
  }

  /**
   * A property's value with its placeholders resolved; undefined if it is not given or blank.
   * @throws PlaceholderError
   */
  text(name: string): string | undefined {
    const value = this.byName.get(canonical(name));
    return value === undefined || value.trim() === '' ? undefined : resolvePlaceholders(value, this.lookup);
  }

  /** What is given below one of the properties with free keys, by those keys as they were written. */
  map(name: (typeof MAPS)[number]): ReadonlyMap<string, string> {
    return this.maps.get(canonical(name)) ?? new Map<string, string>();
  }

  /** The names that are given below one, without what that is, without dashes and dots and in lower case. */
  namesBelow(name: string): readonly string[] {
    const head = canonical(name);
    return [...this.byName.keys()].filter((key) => key.startsWith(head)).map((key) => key.slice(head.length));
  }

  private readonly lookup: PlaceholderLookup = (name) =>
    this.byName.get(canonical(name)) ?? this.sources.environment[name];

  private put(name: string, value: string): void {
    const [, head = '', bracket, dotted] = /^([^.[]+)(?:\[(.+)\]|\.(.+))$/s.exec(name) ?? [];
    const key = bracket ?? dotted;
    const map = key === undefined ? undefined : this.maps.get(canonical(head));
    if (map !== undefined && key !== undefined) map.set(key, value);
    else this.byName.set(canonical(name), value);
  }
}

/** `spring.datasource.driver-class-name`, `SPRING_DATASOURCE_DRIVERCLASSNAME`: one name. */
function canonical(name: string): string {
  return name.replaceAll(/[-_.[\]]/g, '').toLowerCase();
}

/** A variable below a property with free keys; a key in Base64 form keeps its letters. */
const VARIABLE_OF_MAP = new RegExp(`^(${MAPS.map((name) => name.replaceAll('-', '[-_]?')).join('|')})_(.+)$`, 'is');

function nameOfVariable(variable: string): string {
  const [, head = '', rest = ''] = VARIABLE_OF_MAP.exec(variable) ?? [];
  if (head === '') return variable;
  const [, encoded = ''] = /^base64_(.+)$/is.exec(rest) ?? [];
  return `${head}.${encoded === '' ? rest.replaceAll('_', '.').toLowerCase() : `base64_${encoded}`}`;
}

function readJson(text: string): [string, string][] {
  if (text.trim() === '') return [];
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds secrets.
    throw new UnreadableSourceError(`${JSON_VARIABLE} is not valid JSON.`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UnreadableSourceError(`${JSON_VARIABLE} must be a JSON object.`);
  }
  return flatten('', content);
}

function flatten(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((element, index) => flatten(`${name}[${index}]`, element));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(name === '' ? key : `${name}.${key}`, inner));
  }
  if (typeof value === 'string') return [[name, value]];
  return [[name, typeof value === 'number' || typeof value === 'boolean' ? String(value) : '']];
}
