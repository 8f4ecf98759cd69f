import { readFile, stat } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { readProperties } from './properties-file.js';
import { readYaml, SyntaxProblem } from './yaml-file.js';
import type { PropertyEntry, SourceProblem } from '../property-source.js';
import { errorCode, messageOf } from '../../resources/system-error.js';

/** One document of a YAML or properties file. */
export interface ConfigDocument {
  /** The file as an operator knows it. */
  readonly description: string;
  /** What relative locations in `spring.config.import` are relative to. */
  readonly directory: string;
  readonly entries: readonly PropertyEntry[];
}

/** The configuration files read so far: each is read once, though it is asked for with and without profiles. */
export class ConfigDocuments {
  /** Files that cannot be read or parsed. */
  readonly problems: SourceProblem[] = [];
  private readonly known = new Map<string, readonly ConfigDocument[]>();

  constructor(private readonly workingDirectory: string) {}

  /** @returns the file's documents in their order; none if there is no such file */
  async read(path: string, extension: string): Promise<readonly ConfigDocument[]> {
    const known = this.known.get(path);
    if (known !== undefined) return known;
    const documents = await this.readFile(path, extension);
    this.known.set(path, documents);
    return documents;
  }

  private async readFile(path: string, extension: string): Promise<readonly ConfigDocument[]> {
    const shown = this.shown(path);
    try {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true) return [];
      const content = await readFile(path, 'utf8');
      const parsed = extension === '.properties' ? readProperties(content, shown) : readYaml(content, shown);
      return parsed.map((entries) => ({ description: shown, directory: dirname(path), entries }));
    } catch (error) {
      const message = error instanceof SyntaxProblem ? error.message : `it cannot be read: ${reasonOf(error)}`;
      this.problems.push({ origin: `file ${shown}`, message });
      return [];
    }
  }

  /** A path relative to the working directory if it lies below. */
  private shown(path: string): string {
    const short = relative(this.workingDirectory, path);
    return short.startsWith('..') ? path : short;
  }
}

/** What the file system says, without the path, which the caller names. */
export function reasonOf(error: unknown): string {
  return errorCode(error) ?? messageOf(error);
}
