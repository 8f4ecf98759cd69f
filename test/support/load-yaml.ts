import { afterEach, beforeEach } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../src/configuration/load-configuration.js';

/** Loads configurations in a directory that goes with the test. */
export interface YamlLoader {
  readonly directory: string;
  /** The configuration of a server whose `application.yaml` has this text. */
  readonly load: (yaml: string, environment?: Record<string, string>) => ReturnType<typeof loadConfiguration>;
}

/** A fresh directory for each test of the file that calls this. */
export function yamlLoader(): YamlLoader {
  let directory = '';

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-sections-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  return {
    get directory() {
      return directory;
    },
    async load(yaml, environment = {}) {
      await writeFile(join(directory, 'application.yaml'), yaml);
      return loadConfiguration({ environment, arguments: [], workingDirectory: directory });
    },
  };
}
