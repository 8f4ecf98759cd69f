/** The id of the directory in which an account's executions live: who reads it there sees the same executions. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../resources/system-error.js';

/** Hidden, so that no execution can bear its name. */
const DIRECTORY = '.domain';

/** Made once for each root, by whichever server process comes first. */
export class LocalDomain {
  readonly #root: string;
  /** What the root will be called if nobody has named it yet. */
  readonly #proposal = randomUUID();
  #known: string | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The id that the root bears. While the root can be neither read nor written, nothing can be launched there either; until
   * it can, it is the id that this process will give it.
   */
  get id(): string {
    this.#known ??= this.#read() ?? this.#make();
    return this.#known ?? this.#proposal;
  }

  /** A directory that has a file in it is never replaced by a rename (rename(2)): the first one stays, with its content. */
  #make(): string | undefined {
    const unfinished = join(this.#root, `${DIRECTORY}-${this.#proposal}`);
    try {
      mkdirSync(unfinished, { recursive: true, mode: 0o750 });
      writeFileSync(join(unfinished, 'id'), `${this.#proposal}\n`, { mode: 0o640 });
      renameSync(unfinished, join(this.#root, DIRECTORY));
    } catch {
      // Somebody was first, or the root cannot be written; reading tells.
      removeQuietly(unfinished);
    }
    return this.#read();
  }

  #read(): string | undefined {
    try {
      return /^([\w-]{1,64})\n$/.exec(readFileSync(join(this.#root, DIRECTORY, 'id'), 'utf8'))?.[1];
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  }
}

function removeQuietly(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}
