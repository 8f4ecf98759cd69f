import type { Identities } from './identities.js';
import { translateLink } from './links.js';
import {
  dateFormatOf,
  figuresOfRunningStep,
  idSpaceOf,
  isClassOfApplication,
  isFactOfBuildOrHost,
  isMeasured,
  isStackTrace,
  printedMarkers,
  withoutRandomId,
} from './fields.js';
import { align } from './alignment.js';
import { isInOrderOf } from './composed-runs.js';
import type { ComposedRuns } from './composed-runs.js';

/** One place where an answer is not what was recorded. */
export interface Mismatch {
  /** Where: `status`, `contentType`, or a path into the body such as `body._embedded.errors.0.message`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

export interface ComparisonOptions {
  readonly identities: Identities;
  /** The schema target that the request asked for. */
  readonly schemaTarget: string;
  /** Whether the recorded state passes quickly, so that figures of a running step are compared by type. */
  readonly transient: boolean;
  /** Whether the request named an order for the list that it asked for. */
  readonly sorted: boolean;
  readonly jobLinks: 'recorded' | 'meant';
  /** The composed tasks of the recording, whose executions are not known by their places in lists. */
  readonly composedRuns?: ComposedRuns;
  /** Recorded texts to replace in error messages: the ids that the request named. */
  readonly requestIds: ReadonlyMap<string, string>;
  /** Told of every link that is expected otherwise than recorded because of `jobLinks`. */
  readonly onMeantLink?: () => void;
  /** Whether both answers are about the very same rows: then times, figures and texts have to be equal too. */
  readonly sameRows?: boolean;
}

interface Spot {
  readonly path: readonly (string | number)[];
  /** The name of the nearest enclosing field. */
  readonly field: string;
  /** The nearest enclosing object of the recording. */
  readonly owner: Readonly<Record<string, unknown>>;
  /** The nearest enclosing resource: the object that carries the `_links`. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly schemaTarget: string;
}

/**
 * Compares the body of an answer with the recorded one, field by field, and learns on the way which id stands for which.
 *
 * Structure and types always have to be the same; values where a second run of the same story has to give them again.
 */
export function compareBodies(recorded: unknown, actual: unknown, options: ComparisonOptions): Mismatch[] {
  const comparison = new Comparison(options);
  const owner = isObject(recorded) ? recorded : {};
  comparison.visit(recorded, actual, {
    path: [],
    field: '',
    owner,
    resource: owner,
    schemaTarget: options.schemaTarget,
  });
  return comparison.mismatches;
}

class Comparison {
  readonly mismatches: Mismatch[] = [];
  private readonly options: ComparisonOptions;

  constructor(options: ComparisonOptions) {
    this.options = options;
  }

  visit(recorded: unknown, actual: unknown, spot: Spot): void {
    if (Array.isArray(recorded) && Array.isArray(actual)) {
      this.visitList(recorded, actual, spot);
    } else if (isObject(recorded) && isObject(actual)) {
      this.visitObject(recorded, actual, spot);
    } else if (typeName(recorded) !== typeName(actual)) {
      this.differs(spot, recorded, actual);
    } else if (!isFactOfBuildOrHost(spot.path) && !this.sameLeaf(recorded, actual, spot)) {
      this.differs(spot, this.expected(recorded, spot), actual);
    }
  }

  private visitObject(recorded: Record<string, unknown>, actual: Record<string, unknown>, spot: Spot): void {
    const target = recorded['schemaTarget'];
    const inside = {
      owner: recorded,
      resource: '_links' in recorded || 'executionId' in recorded ? recorded : spot.resource,
      schemaTarget: typeof target === 'string' ? target : spot.schemaTarget,
    };
    // Links come last: they name ids that the other fields teach.
    const fields = Object.keys(recorded).sort((one, other) => Number(one === '_links') - Number(other === '_links'));
    for (const field of fields) {
      const below = { ...inside, path: [...spot.path, field], field };
      if (field in actual) {
        this.visit(recorded[field], actual[field], below);
      } else {
        this.mismatch(below, JSON.stringify(recorded[field]), '(no such field)');
      }
    }
    for (const field of Object.keys(actual).filter((name) => !(name in recorded))) {
      this.mismatch({ ...spot, path: [...spot.path, field] }, '(no such field)', JSON.stringify(actual[field]));
    }
  }

  private visitList(recorded: readonly unknown[], actual: readonly unknown[], spot: Spot): void {
    const { composedRuns, identities, sorted } = this.options;
    const ofRuns = composedRuns?.pair(recorded, actual, spot.field, identities);
    const pairs = ofRuns ?? align(recorded, actual, spot.field, sorted);
    if (ofRuns !== undefined && !isInOrderOf(recorded, actual)) {
      this.mismatch({ ...spot, path: [...spot.path, '(order)'] }, 'the latest first', 'another order');
    }
    for (const [index, pair] of pairs.entries()) {
      const below = { ...spot, path: [...spot.path, index] };
      if (pair.length === 2) {
        this.visit(pair[0], pair[1], below);
      }
    }
    const missing = pairs.flatMap((pair) => (pair.length === 1 ? [pair[0]] : []));
    const paired = new Set(pairs.flatMap((pair) => (pair.length === 2 ? [pair[1]] : [])));
    const surplus = actual.filter((element) => !paired.has(element));
    if (recorded.length !== actual.length || missing.length > 0) {
      this.mismatch(
        spot,
        `${recorded.length} elements${missing.length > 0 ? `, also ${brief(missing)}` : ''}`,
        `${actual.length} elements${surplus.length > 0 ? `, also ${brief(surplus)}` : ''}`,
      );
    }
  }

  private sameLeaf(recorded: unknown, actual: unknown, spot: Spot): boolean {
    if (typeof recorded === 'number' && typeof actual === 'number') {
      return this.sameNumber(recorded, actual, spot);
    }
    if (typeof recorded === 'string' && typeof actual === 'string') {
      return this.sameText(recorded, actual, spot);
    }
    return recorded === actual;
  }

  private sameNumber(recorded: number, actual: number, spot: Spot): boolean {
    const space = idSpaceOf(spot.field, spot.owner, spot.schemaTarget);
    if (space !== undefined) {
      return this.options.identities.sameId(space, recorded, actual);
    }
    const passing =
      isMeasured(spot.field, spot.path) || (this.options.transient && figuresOfRunningStep.has(spot.field));
    return (passing && this.options.sameRows !== true) || recorded === actual;
  }

  private sameText(recorded: string, actual: string, spot: Spot): boolean {
    if (spot.field === 'externalExecutionId') {
      return this.options.identities.sameName(recorded, actual);
    }
    if (spot.field === 'auditData' && recorded.startsWith('{')) {
      return this.sameAuditData(recorded, actual, spot);
    }
    if (this.options.sameRows === true) {
      return withoutRandomId(this.translate(recorded, spot)) === withoutRandomId(actual);
    }
    const format = dateFormatOf(recorded);
    if (format !== undefined) {
      return format.test(actual);
    }
    if (isStackTrace(spot.field)) {
      return firstLine(this.translate(recorded, spot)) === firstLine(actual);
    }
    if (isClassOfApplication(spot.field, recorded)) {
      return actual !== '';
    }
    if (printedMarkers.some((marker) => recorded.startsWith(marker))) {
      return printedMarkers.every((marker) => actual.includes(marker) || !recorded.includes(marker));
    }
    if (recorded.startsWith('<html>')) {
      return actual !== '';
    }
    if (spot.field === 'href') {
      return withoutRandomId(this.translate(recorded, spot)) === withoutRandomId(actual);
    }
    if (spot.field === 'summary' && this.options.transient) {
      return withoutFigures(recorded) === withoutFigures(actual);
    }
    return this.translate(recorded, spot) === actual;
  }

  /** The data of a launch's audit record are JSON in a text; their order of fields is arbitrary. */
  private sameAuditData(recorded: string, actual: string, spot: Spot): boolean {
    let parsed: unknown;
    try {
      parsed = JSON.parse(actual);
    } catch {
      return false;
    }
    this.visit(JSON.parse(recorded), parsed, { ...spot, field: '', path: [...spot.path, '(parsed)'] });
    return true;
  }

  private expected(recorded: unknown, spot: Spot): unknown {
    if (typeof recorded === 'number') {
      const space = idSpaceOf(spot.field, spot.owner, spot.schemaTarget);
      return space === undefined ? recorded : this.options.identities.idOf(space, recorded);
    }
    return typeof recorded === 'string' ? this.translate(recorded, spot) : recorded;
  }

  private translate(recorded: string, spot: Spot): string {
    const { identities, jobLinks, requestIds, onMeantLink } = this.options;
    if (spot.field === 'href') {
      const context = { relation: String(spot.path.at(-2)), resource: spot.resource, schemaTarget: spot.schemaTarget };
      const link = translateLink(recorded, { ...context, jobLinks }, identities);
      if (link !== translateLink(recorded, { ...context, jobLinks: 'recorded' }, identities)) {
        onMeantLink?.();
      }
      return link;
    }
    let text = identities
      .translate(recorded)
      .replace(
        /(--spring\.cloud\.task\.executionid=)(\d+)/g,
        (_, name: string, id: string) => `${name}${identities.idOf(`task:${spot.schemaTarget}`, Number(id))}`,
      )
      .replace(
        /(--spring\.cloud\.task\.parent-execution-id=)(\d+)/g,
        (_, name: string, id: string) => `${name}${identities.idOf('task:boot2', Number(id))}`,
      )
      .replace(
        /^(StepExecution: id=)(\d+)/,
        (_, name: string, id: string) => `${name}${identities.idOf(`step:${spot.schemaTarget}`, Number(id))}`,
      );
    if (spot.field === 'message') {
      for (const [from, to] of requestIds) {
        text = text.replace(new RegExp(`(?<!\\d)${from}(?!\\d)`, 'g'), to);
      }
    }
    return text;
  }

  private differs(spot: Spot, expected: unknown, actual: unknown): void {
    this.mismatch(spot, brief(expected), brief(actual));
  }

  private mismatch(spot: Spot, expected: string, actual: string): void {
    this.mismatches.push({ path: ['body', ...spot.path].join('.'), expected, actual });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function withoutFigures(text: string): string {
  return text.replace(/\d+/g, 'N');
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
