import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isSnapshot } from '../../resources/maven-coordinates.js';
import { UnresolvableResourceError } from '../../resources/resource-errors.js';
import type { ResourceResolver } from '../../resources/resource-resolver.js';
import { parseResourceUri, type ResourceUri } from '../../resources/resource-uri.js';
import { describeConfiguration, type MetadataExtents } from './configuration-metadata.js';
import type { ImageLabelReader } from './image-label-reader.js';
import { metadataFromLabels } from './image-labels.js';
import { readJarMetadata } from './jar-metadata.js';

/** What stands behind a uri right now. */
export interface MetadataSnapshot {
  /** Equal (`===`) as long as what stands behind the uri has not changed. */
  readonly stamp: unknown;
  load(): Promise<MetadataExtents>;
}

/** Where metadata comes from: jars by way of the resource resolver, images by way of their registry. */
export interface MetadataSources {
  readonly resources: Pick<ResourceResolver, 'resolve'>;
  readonly images: ImageLabelReader;
}

/**
 * How long an answer about a uri stays good without asking again: for ever (a released Maven artifact never changes), not at
 * all (a file costs nothing to look at), or so many ms (an image's tag, a snapshot and a URL can move).
 */
export function freshFor(uri: string, movable: number): number {
  const resource = parsed(uri);
  switch (resource?.kind) {
    case 'maven':
      return isSnapshot(resource.coordinates) ? movable : Number.POSITIVE_INFINITY;
    case 'docker':
    case 'http':
      return movable;
    case 'file':
    case undefined:
      return 0;
  }
}

/**
 * Looks at what stands behind a uri: downloads it if need be, but does not read it yet.
 * @throws UnresolvableResourceError for uris that name nothing; else what the resolver, the registry or the file system throws
 */
export async function lookAt(uri: string, { resources, images }: MetadataSources): Promise<MetadataSnapshot> {
  const resource = parseResourceUri(uri);
  if (resource.kind === 'docker') {
    const labels = await images.labels(resource.image);
    if (labels === undefined) throw new UnresolvableResourceError(`The registry has no image '${resource.image}'.`);
    // A digest, because what is kept to compare with should be small.
    const stamp = createHash('sha256').update(JSON.stringify(labels)).digest('base64');
    return { stamp, load: async () => extentsOf(labels) };
  }
  const path = await resources.resolve(uri);
  const { mtimeMs, size, ino } = await stat(path);
  return {
    stamp: [path, ino, size, mtimeMs].join('|'),
    load: async () => describeConfiguration(await readJarMetadata(path)),
  };
}

function extentsOf(labels: Readonly<Record<string, string>>): MetadataExtents {
  const metadata = metadataFromLabels(labels);
  return { visible: metadata, exhaustive: metadata };
}

function parsed(uri: string): ResourceUri | undefined {
  try {
    return parseResourceUri(uri);
  } catch (error) {
    if (error instanceof UnresolvableResourceError) return undefined;
    throw error;
  }
}
