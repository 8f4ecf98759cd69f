import type { MetadataTexts } from './configuration-metadata.js';
import { type Archive, UnreadableArchiveError, withArchive } from './zip-archive.js';

/** Bounds of what is read out of one jar; bytes. */
export interface JarLimits {
  /** One metadata file; Spring Boot's largest has half a megabyte. */
  readonly file: number;
  /** All metadata files of a jar and its libraries together. */
  readonly total: number;
  /** A library that is packed compressed, so has to be unpacked into memory. */
  readonly compressedLibrary: number;
  /** How many libraries are looked into. */
  readonly libraries: number;
}

export const JAR_LIMITS: JarLimits = {
  file: 8 * 1024 * 1024,
  total: 32 * 1024 * 1024,
  compressedLibrary: 64 * 1024 * 1024,
  libraries: 2_000,
};

const FILES: Readonly<Record<string, keyof MetadataTexts>> = {
  'META-INF/spring-configuration-metadata.json': 'metadata',
  'META-INF/dataflow-configuration-metadata.properties': 'visibility',
  'META-INF/dataflow-configuration-port-mapping.properties': 'portMappings',
  'META-INF/dataflow-configuration-option-groups.properties': 'optionGroups',
};

/** Where classes lie in plain jars, Spring Boot jars and Spring Boot wars. */
const CLASSES = ['', 'BOOT-INF/classes/', 'WEB-INF/classes/'];
const LIBRARY = /^(?:BOOT-INF\/lib|WEB-INF\/lib|WEB-INF\/lib-provided|lib)\/[^/]+\.jar$/;

/**
 * Reads the files about configuration out of a jar and, if it is a Spring Boot jar or war, out of the libraries inside it.
 * A library that is damaged or too large is passed over.
 *
 * @param path of the jar (an app's own, or a `…-metadata.jar`) on this machine
 * @throws UnreadableArchiveError when the jar itself is no zip archive, is damaged or breaks a limit; the file system's errors
 */
export async function readJarMetadata(path: string, limits: JarLimits = JAR_LIMITS): Promise<MetadataTexts> {
  return withArchive(path, async (jar) => {
    const texts = { metadata: [], visibility: [], portMappings: [], optionGroups: [] };
    const budget = { left: limits.total };
    await collect(jar, CLASSES, texts, limits, budget);
    const libraries = jar.entries.filter(({ name }) => LIBRARY.test(name)).slice(0, limits.libraries);
    for (const library of libraries) {
      try {
        await collect(await library.openArchive(limits.compressedLibrary), [''], texts, limits, budget);
      } catch (error) {
        if (!(error instanceof UnreadableArchiveError)) throw error;
      }
    }
    return texts;
  });
}

async function collect(
  archive: Archive,
  prefixes: readonly string[],
  texts: Record<keyof MetadataTexts, string[]>,
  limits: JarLimits,
  budget: { left: number },
): Promise<void> {
  for (const entry of archive.entries) {
    const prefix = prefixes.find(
      (candidate) => entry.name.startsWith(candidate) && Object.hasOwn(FILES, entry.name.slice(candidate.length)),
    );
    const kind = prefix === undefined ? undefined : FILES[entry.name.slice(prefix.length)];
    if (kind === undefined) continue;
    const content = await entry.read(Math.min(limits.file, budget.left));
    budget.left -= content.length;
    // Properties files are Latin-1 by definition, JSON is UTF-8.
    texts[kind].push(content.toString(kind === 'metadata' ? 'utf8' : 'latin1'));
  }
}
