import { stat } from 'node:fs/promises';
import { PlaceholderError, type PlaceholderLookup, resolvePlaceholders } from '../placeholders.js';
import { acceptsProfiles, ProfileExpressionError } from '../profiles.js';
import { isBelow, type PropertyName } from '../property-names.js';
import type { PropertyEntry, PropertySource, SourceProblem } from '../property-source.js';
import { type ConfigDocument, type ConfigDocuments, reasonOf } from './config-documents.js';
import {
  candidateFiles,
  CONFIG_EXTENSIONS,
  type ConfigLocation,
  expandWildcard,
  parseLocation,
} from './config-locations.js';
import { readConfigTree } from './config-tree.js';

/** Which files count. */
export interface ConfigFileRequest {
  /** Lowest rank first; within one element locations of equal rank are separated by semicolons. */
  readonly locations: readonly string[];
  /** `spring.config.import` from outside the files. */
  readonly imports: readonly string[];
  readonly names: readonly string[];
  /** Lowest rank first; undefined while they are still being found out: documents for profiles do not count then. */
  readonly profiles: readonly string[] | undefined;
  readonly insideCluster: boolean;
}

/** Finds the application files and what they import, by the rules of Spring Boot 2.4 and later. Serves one request. */
export class ConfigFiles {
  readonly problems: SourceProblem[] = [];
  readonly warnings = new Set<string>();
  private readonly imported = new Set<string>();
  private readonly profiles: readonly (string | undefined)[];

  constructor(
    private readonly documents: ConfigDocuments,
    private readonly workingDirectory: string,
    private readonly lookup: PlaceholderLookup,
    private readonly request: ConfigFileRequest,
  ) {
    this.profiles = [undefined, ...(request.profiles ?? [])];
  }

  /** @returns the sources, highest rank first */
  async sources(): Promise<readonly PropertySource[]> {
    const lowestFirst: PropertySource[] = [];
    for (const group of this.request.locations) lowestFirst.push(...(await this.readGroup(group.split(';'))));
    for (const text of this.request.imports) {
      lowestFirst.push(...(await this.import(text, this.workingDirectory, 'spring.config.import')));
    }
    return lowestFirst.reverse();
  }

  /** Within a group all files without profile come before those of the first profile, and so on. */
  private async readGroup(texts: readonly string[]): Promise<PropertySource[]> {
    const parsed = texts.filter((text) => text.trim() !== '').map((text) => this.parse(text, this.workingDirectory));
    // With `/` as the working directory `./config/` and `/config/` are one.
    const locations = parsed.filter((one, index) => !parsed.slice(index + 1).some((other) => isSame(one, other)));
    const sources: PropertySource[] = [];
    for (const profile of this.profiles) {
      for (const location of locations) {
        sources.push(...(await this.readLocation(location, profile, 'spring.config.location')));
      }
    }
    return sources;
  }

  private async import(text: string, directory: string, origin: string): Promise<PropertySource[]> {
    const location = this.parse(text, directory);
    if (location.kind === 'ignored') {
      this.warnings.add(`${origin}: «${location.text}» is ignored: only files and config trees are read`);
      return [];
    }
    // A file that imports itself, or is imported twice, is read once.
    const key = `${location.kind} ${location.path}`;
    if (this.imported.has(key)) return [];
    this.imported.add(key);
    const sources: PropertySource[] = [];
    for (const profile of this.profiles) sources.push(...(await this.readLocation(location, profile, origin)));
    return sources;
  }

  private parse(text: string, directory: string): ConfigLocation {
    try {
      return parseLocation(resolvePlaceholders(text, this.lookup), directory, this.workingDirectory);
    } catch (error) {
      if (!(error instanceof PlaceholderError)) throw error;
      this.problems.push({ origin: `location «${text}»`, message: error.message });
      return { kind: 'ignored', text };
    }
  }

  private async readLocation(
    location: ConfigLocation,
    profile: string | undefined,
    origin: string,
  ): Promise<PropertySource[]> {
    if (location.kind === 'ignored') return [];
    if (location.kind === 'configtree') return profile === undefined ? this.readTree(location, origin) : [];
    if (!(await this.isUsable(location, profile, origin))) return [];
    const sources: PropertySource[] = [];
    for (const path of await expandWildcard(location.path)) {
      for (const file of candidateFiles(path, this.request.names, profile, location.extension)) {
        for (const document of await this.documents.read(file.path, file.extension)) {
          sources.push(...(await this.readDocument(document)));
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
    const isDirectory = path.endsWith('/');
    const found = await stat(path).catch(() => undefined);
    const fits = isDirectory ? found?.isDirectory() === true : found?.isFile() === true;
    if (!fits) {
      if (!optional && profile === undefined) this.reportMissing(origin, text);
      return !isDirectory;
    }
    if (isDirectory || extension !== undefined || CONFIG_EXTENSIONS.some((known) => path.endsWith(known))) return true;
    const message = `«${text}» must end with one of ${CONFIG_EXTENSIONS.join(', ')}, or state its form: «${text}[.yaml]»`;
    this.problems.push({ origin, message });
    return false;
  }

  private async readTree(location: ConfigLocation & { kind: 'configtree' }, origin: string): Promise<PropertySource[]> {
    const sources: PropertySource[] = [];
    for (const path of await expandWildcard(location.path)) {
      const directory = path.replace(/(?<=.)\/$/, '');
      try {
        const entries = await readConfigTree(directory, 'path');
        if (entries !== undefined) sources.push({ description: `config tree ${directory}`, entries });
        else if (!location.optional) this.reportMissing(origin, location.text);
      } catch (error) {
        const message = `it cannot be read: ${reasonOf(error)}`;
        this.problems.push({ origin: `config tree ${directory}`, message });
      }
    }
    return sources;
  }

  private reportMissing(origin: string, text: string): void {
    const message = `the location «${text}» does not exist; write «optional:${text}» if it need not`;
    this.problems.push({ origin, message });
  }

  /** A document's own values, below those of what it imports. */
  private async readDocument(document: ConfigDocument): Promise<PropertySource[]> {
    if (!this.isActive(document)) return [];
    const sources: PropertySource[] = [{ description: document.description, entries: document.entries }];
    for (const text of textsOf(document.entries, ['spring', 'config', 'import'])) {
      sources.push(...(await this.import(text, document.directory, document.description)));
    }
    return sources;
  }

  private isActive({ entries, description }: ConfigDocument): boolean {
    const platforms = textsOf(entries, ['spring', 'config', 'activate', 'on-cloud-platform']);
    const platform = this.request.insideCluster ? 'kubernetes' : 'none';
    if (platforms.length > 0 && !platforms.some((name) => name.toLowerCase() === platform)) return false;
    const expressions = [
      ...textsOf(entries, ['spring', 'config', 'activate', 'on-profile']),
      ...textsOf(entries, ['spring', 'profiles']),
    ];
    if (expressions.length === 0) return true;
    const { profiles } = this.request;
    if (profiles === undefined) return false;
    try {
      return expressions.some((expression) => acceptsProfiles(expression, profiles));
    } catch (error) {
      if (!(error instanceof ProfileExpressionError)) throw error;
      this.problems.push({ origin: `file ${description}`, message: error.message });
      return false;
    }
  }
}

function isSame(one: ConfigLocation, other: ConfigLocation): boolean {
  return one.kind !== 'ignored' && other.kind === one.kind && other.path === one.path;
}

/** A plain value, split at commas, or the elements of a list. */
function textsOf(entries: readonly PropertyEntry[], name: PropertyName): readonly string[] {
  return entries
    .filter((entry) => {
      const rest = entry.name.length - name.length;
      return isBelow(entry.name, name) && (rest === 0 || (rest === 1 && typeof entry.name.at(-1) === 'number'));
    })
    .flatMap((entry) => entry.value.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}
