import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import { parseMapKey, type PropertyName } from '../property-names.js';
import type { PropertyEntry } from '../property-source.js';

/** A text that is no YAML or JSON, with the line in the message. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
}

const MAXIMUM_DEPTH = 100;
/** Aliases of aliases multiply; no configuration has as many values. */
const MAXIMUM_ENTRIES = 20_000;

/**
 * Reads a YAML text as Spring Boot does (YAML 1.1): one list of entries for each document, nested keys joined, booleans
 * (`yes`, `on` …) as `true` and `false`, integers in octal, hexadecimal and binary as decimal numbers. Decimal numbers keep their digits
 * as written, so a version `1.10` stays `1.10`. Null is the empty text.
 * @param place what the text is called in origins, e.g. the file's path
 * @throws SyntaxProblem
 */
export function readYaml(text: string, place: string): readonly (readonly PropertyEntry[])[] {
  return documentsOf(text, place, '1.1');
}

/**
 * Reads one JSON object the way {@link readYaml} reads a document; numbers keep their digits.
 * @throws SyntaxProblem
 */
export function readJson(text: string, place: string): readonly PropertyEntry[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's own message may quote the text, which may hold secrets.
    throw new SyntaxProblem('it is not valid JSON');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new SyntaxProblem('it must be a JSON object');
  }
  return documentsOf(text, place, '1.2').flat();
}

function documentsOf(text: string, place: string, version: '1.1' | '1.2'): PropertyEntry[][] {
  const lines = new LineCounter();
  // A document of its own for each part of the stream: Kubernetes files often begin and end with `---`.
  const documents = parseAllDocuments(text, { version, lineCounter: lines, logLevel: 'silent', prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return (documents as Document.Parsed[]).map((document) => {
    const error = document.errors[0];
    if (error !== undefined) {
      throw new SyntaxProblem(`line ${lines.linePos(error.pos[0]).line}: ${error.message}`);
    }
    return new DocumentWalk(document, lines, place, version).entries();
  });
}

class DocumentWalk {
  private readonly found: PropertyEntry[] = [];
  /** The nodes that aliases may name, as the walk comes by them. */
  private readonly anchors = new Map<string, Node>();

  constructor(
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
    private readonly place: string,
    private readonly version: '1.1' | '1.2',
  ) {}

  entries(): PropertyEntry[] {
    const root = this.document.contents;
    if (root === null || (isScalar(root) && root.value === null)) return [];
    if (!isMap(root) && !isSeq(root)) {
      throw new SyntaxProblem(`line ${this.line(root)}: a map of properties is expected here`);
    }
    this.walk(root, [], root, 0);
    return this.found;
  }

  private walk(node: unknown, name: PropertyName, at: Node, depth: number): void {
    if (depth > MAXIMUM_DEPTH) throw new SyntaxProblem(`line ${this.line(at)}: nested too deeply`);
    if (isNode(node) && !isAlias(node) && node.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (isAlias(node)) {
      this.walk(this.target(node), name, at, depth + 1);
    } else if (isMap(node)) {
      if (node.items.length === 0) this.add(name, '', at, 'map');
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? keyText(pair.key) : undefined;
        if (key === undefined) throw new SyntaxProblem(`line ${this.line(at)}: a key must be a plain text`);
        if (key === '<<' && this.version === '1.1') this.merge(pair.value, name, node, depth);
        else this.walk(pair.value, [...name, ...parseMapKey(key)], pair.key as Node, depth + 1);
      }
    } else if (isSeq(node)) {
      if (node.items.length === 0) this.add(name, '', at, 'list');
      node.items.forEach((item, index) => this.walk(item, [...name, index], (item ?? at) as Node, depth + 1));
    } else {
      this.add(name, isScalar(node) ? scalarText(node, this.version) : '', at);
    }
  }

  /** `<<: *other`: the other map's values, unless the map that merges it has them itself (YAML 1.1 merge keys). */
  private merge(value: unknown, name: PropertyName, into: Node, depth: number): void {
    const target = isAlias(value) ? this.target(value) : value;
    const maps = isSeq(target) ? target.items : [target];
    const own = isMap(into)
      ? new Set(into.items.map((pair) => (isScalar(pair.key) ? keyText(pair.key) : '')))
      : new Set();
    for (const item of maps) {
      const map = isAlias(item) ? this.target(item) : item;
      if (!isMap(map)) throw new SyntaxProblem(`line ${this.line(into)}: only maps can be merged with <<`);
      for (const pair of map.items) {
        const key = isScalar(pair.key) ? keyText(pair.key) : undefined;
        if (key === undefined || own.has(key)) continue;
        own.add(key);
        this.walk(pair.value, [...name, ...parseMapKey(key)], pair.key as Node, depth + 1);
      }
    }
  }

  private target(alias: Alias): Node {
    const target = this.anchors.get(alias.source);
    if (target === undefined)
      throw new SyntaxProblem(`line ${this.line(alias)}: there is no anchor &${alias.source} before`);
    return target;
  }

  private add(name: PropertyName, value: string, at: Node, empty?: 'map' | 'list'): void {
    if (this.found.length >= MAXIMUM_ENTRIES) throw new SyntaxProblem(`more than ${MAXIMUM_ENTRIES} values`);
    if (name.length === 0) return;
    const origin = `${this.place}, line ${this.line(at)}`;
    this.found.push(empty === undefined ? { name, value, origin } : { name, value, empty, origin });
  }

  private line(node: Node): number {
    return this.lines.linePos(node.range?.[0] ?? 0).line;
  }
}

function keyText(key: Scalar): string {
  return key.source ?? (typeof key.value === 'string' ? key.value : '');
}

function scalarText(scalar: Scalar, version: '1.1' | '1.2'): string {
  const { value, source } = scalar;
  if (value === null || value === undefined) return '';
  // YAML 1.1 has `y` and `n` for booleans too; Spring's parser has not.
  if (typeof value === 'boolean') return /^[yn]$/i.test(source ?? '') ? (source ?? '') : String(value);
  if (typeof value !== 'number' && typeof value !== 'bigint') return typeof value === 'string' ? value : (source ?? '');
  return version === '1.1' ? integerText(source) : (source ?? String(value));
}

/** YAML 1.1 integers in other bases become decimal (a file mode `0644` is 420); every other number stays as written. */
function integerText(source: string | undefined): string {
  const text = (source ?? '').trim();
  const parts = /^([-+]?)(?:0b([01_]+)|0x([\da-fA-F_]+)|0([0-7_]+))$/.exec(text);
  if (parts === null) return /^[-+]?[\d_]+$/.test(text) ? text.replaceAll('_', '').replace(/^\+/, '') : text;
  const [, sign, binary, hexadecimal, octal] = parts;
  const digits = (found: string) => found.replaceAll('_', '');
  const literal =
    binary !== undefined
      ? `0b${digits(binary)}`
      : hexadecimal !== undefined
        ? `0x${digits(hexadecimal)}`
        : `0o${digits(octal ?? '0')}`;
  return `${sign === '-' ? '-' : ''}${BigInt(literal)}`;
}
