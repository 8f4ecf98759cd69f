import { readFile, stat } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { PlaceholderError, resolvePlaceholders } from '../placeholders.js';
import { acceptsProfiles, ProfileExpressionError } from '../profiles.js';
import { isBelow, type PropertyName } from '../property-names.js';
import type { PropertyEntry, PropertySource, SourceProblem } from '../property-source.js';
import { readConfigTree } from './config-tree.js';
import {
  candidateFiles,
  CONFIG_EXTENSIONS,
  type ConfigLocation,
  expandWildcard,
  parseLocation,
} from './config-locations.js';
import { readProperties } from './properties-file.js';
import { readYaml, SyntaxProblem } from './yaml-file.js';

/** What of the files counts: undefined profiles while they are still being found out. */
export interface ConfigFileRequest {
  /** Lowest rank first; within one element locations of equal rank are separated by semicolons. */
  readonly locations: readonly string[];
  readonly imports: readonly string[];
  readonly names: readonly string[];
  readonly profiles: readonly string[] | undefined;
  readonly insideCluster: boolean;
}

interface ConfigDocument {
  readonly description: string;
  readonly directory: string;
  readonly entries: readonly PropertyEntry[];
}

type Texts = (name: PropertyName) => readonly string[];

/** Reads application files and what they import. Files are read once, though they are asked for with and without profiles. */
export class ConfigFiles {
  readonly problems: SourceProblem[] = [];
  readonly warnings = new Set<string>();
  private readonly documents = new Map<string, readonly ConfigDocument[] | undefined>();
  private imported = new Set<string>();

  constructor(
    private readonly workingDirectory: string,
    private readonly lookup: (name: string) => string | undefined,
  ) {}

  /** @returns the sources, highest rank first */
  async sources(request: ConfigFileRequest): Promise<readonly PropertySource[]> {
    this.problems.length = 0;
    this.imported = new Set();
    const lowestFirst: PropertySource[] = [];
    for (const group of request.locations) lowestFirst.push(...(await this.group(group.split(';'), request)));
    for (const location of request.imports) {
      lowestFirst.push(
        ...(await this.importLocation(location, this.workingDirectory, 'spring.config.import', request)),
      );
    }
    return lowestFirst.reverse();
  }

  /** Within a group all files without profile come before those of the first profile, and so on. */
  private async group(texts: readonly string[], request: ConfigFileRequest): Promise<PropertySource[]> {
    const sources: PropertySource[] = [];
    const locations = texts.filter((text) => text.trim() !== '').map((text) => this.parse(text, this.workingDirectory));
    for (const profile of [undefined, ...(request.profiles ?? [])]) {
      for (const location of locations)
        sources.push(...(await this.location(location, profile, 'spring.config.location', request)));
    }
    return sources;
  }

  private parse(text: string, directory: string): ConfigLocation {
    let resolved = text;
    try {
      resolved = resolvePlaceholders(text, this.lookup);
    } catch (error) {
      if (!(error instanceof PlaceholderError)) throw error;
      this.problems.push({ origin: `location ${text}`, message: error.message });
    }
    return parseLocation(resolved, directory, this.workingDirectory);
  }

  private async importLocation(
    text: string,
    directory: string,
    origin: string,
    request: ConfigFileRequest,
  ): Promise<PropertySource[]> {
    const location = this.parse(text, directory);
    if (location.kind === 'ignored') {
      this.warnings.add(`${origin}: «${location.text}» is ignored: only files and config trees are read`);
      return [];
    }
    const key = `${location.kind} ${location.path}`;
    if (this.imported.has(key)) return [];
    this.imported.add(key);
    const sources: PropertySource[] = [];
    for (const profile of [undefined, ...(request.profiles ?? [])]) {
      sources.push(...(await this.location(location, profile, origin, request)));
    }
    return sources;
  }

  private async location(
    location: ConfigLocation,
    profile: string | undefined,
    origin: string,
    request: ConfigFileRequest,
  ): Promise<PropertySource[]> {
    if (location.kind === 'ignored') return [];
    if (location.kind === 'configtree') return profile === undefined ? this.configTree(location, origin) : [];
    if (!(await this.isUsable(location, profile, origin))) return [];
    const sources: PropertySource[] = [];
    for (const path of await expandWildcard(location.path)) {
      for (const file of candidateFiles(path, request.names, profile, location.extension)) {
        for (const document of (await this.read(file.path, file.extension)) ?? []) {
          sources.push(...(await this.document(document, request)));
        }
      }
    }
    return sources;
  }

  /** Reports a location that must exist and does not, and a file in a form that is not read. */
  private async isUsable(
    location: ConfigLocation & { kind: 'file' },
    profile: string | undefined,
    origin: string,
  ): Promise<boolean> {
    const { path, optional, text, extension } = location;
    if (path.endsWith('/*/')) return true;
    const found = await stat(path).catch(() => undefined);
    const fits = path.endsWith('/') ? found?.isDirectory() === true : found?.isFile() === true;
    if (!fits && !optional && profile === undefined) {
      this.problems.push({
        origin,
        message: `the location «${text}» does not exist; write «optional:${text}» if it need not`,
      });
    }
    const form = extension ?? CONFIG_EXTENSIONS.find((known) => path.endsWith(known));
    if (fits && !path.endsWith('/') && form === undefined) {
      this.problems.push({
        origin,
        message: `«${text}» must end with one of ${CONFIG_EXTENSIONS.join(', ')}, or state its form: «${text}[.yaml]»`,
      });
      return false;
    }
    return path.endsWith('/') ? fits : true;
  }

  private async configTree(
    location: ConfigLocation & { kind: 'configtree' },
    origin: string,
  ): Promise<PropertySource[]> {
    const sources: PropertySource[] = [];
    const wildcard = location.path.endsWith('/*/');
    for (const path of await expandWildcard(location.path)) {
      const entries = await readConfigTree(path.replace(/(?<=.)\/$/, ''), 'path').catch((error: Error) =>
        this.unreadable(path, error),
      );
      if (entries !== undefined) sources.push({ description: `config tree ${path}`, entries });
      else if (!location.optional && !wildcard) {
        this.problems.push({
          origin,
          message: `the directory of «${location.text}» does not exist; write «optional:${location.text}» if it need not`,
        });
      }
    }
    return sources;
  }

  private async read(path: string, extension: string): Promise<readonly ConfigDocument[] | undefined> {
    if (!this.documents.has(path)) this.documents.set(path, await this.readDocuments(path, extension));
    return this.documents.get(path);
  }

  private async readDocuments(path: string, extension: string): Promise<readonly ConfigDocument[] | undefined> {
    const shown = this.shown(path);
    try {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true) return undefined;
      const content = await readFile(path, 'utf8');
      const parsed = extension === '.properties' ? readProperties(content, shown) : readYaml(content, shown);
      return parsed.map((entries) => ({ description: shown, directory: dirname(path), entries }));
    } catch (error) {
      const message = error instanceof SyntaxProblem ? error.message : `it cannot be read: ${describe(error)}`;
      this.brokenFiles.push({ origin: `file ${shown}`, message });
      return undefined;
    }
  }

  /** Files that could not be read stay a problem, however often sources are asked for. */
  readonly brokenFiles: SourceProblem[] = [];

  private unreadable(path: string, error: Error): undefined {
    this.brokenFiles.push({ origin: `config tree ${path}`, message: `it cannot be read: ${describe(error)}` });
  }

  private async document(document: ConfigDocument, request: ConfigFileRequest): Promise<PropertySource[]> {
    const texts: Texts = (name) => textsOf(document.entries, name);
    if (!this.isActive(texts, document, request)) return [];
    const sources: PropertySource[] = [{ description: document.description, entries: document.entries }];
    for (const location of texts(['spring', 'config', 'import'])) {
      sources.push(...(await this.importLocation(location, document.directory, document.description, request)));
    }
    return sources;
  }

  private isActive(texts: Texts, document: ConfigDocument, request: ConfigFileRequest): boolean {
    const platform = texts(['spring', 'config', 'activate', 'on-cloud-platform']);
    if (
      platform.length > 0 &&
      !platform.some((name) => name.toLowerCase() === (request.insideCluster ? 'kubernetes' : 'none'))
    )
      return false;
    const expressions = [...texts(['spring', 'config', 'activate', 'on-profile']), ...texts(['spring', 'profiles'])];
    if (expressions.length === 0) return true;
    const { profiles } = request;
    if (profiles === undefined) return false;
    try {
      return expressions.some((expression) => acceptsProfiles(expression, profiles));
    } catch (error) {
      if (!(error instanceof ProfileExpressionError)) throw error;
      this.problems.push({ origin: `file ${document.description}`, message: error.message });
      return false;
    }
  }

  /** A path as an operator knows it: relative to the working directory if it lies below. */
  private shown(path: string): string {
    const short = relative(this.workingDirectory, path);
    return short.startsWith('..') ? path : short;
  }
}

/** A plain value, split at commas, or the elements of a list. */
export function textsOf(entries: readonly PropertyEntry[], name: PropertyName): readonly string[] {
  return entries
    .filter((entry) => {
      const rest = entry.name.length - name.length;
      return isBelow(entry.name, name) && (rest === 0 || (rest === 1 && typeof entry.name.at(-1) === 'number'));
    })
    .flatMap((entry) => entry.value.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
