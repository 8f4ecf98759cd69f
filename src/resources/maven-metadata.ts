/** What `maven-metadata.xml` says about the builds of a snapshot version. Pure. */
import type { MavenCoordinates } from './maven-coordinates.js';

/** The newest build of a snapshot in one repository. */
export interface SnapshotBuild {
  /** Version in the file's name: `1.0-20240131.120000-7`, or `1.0-SNAPSHOT` where builds are not kept apart. */
  readonly version: string;
  /** `yyyyMMddHHmmss`, UTC; empty when the repository does not say. */
  readonly updated: string;
}

/**
 * Reads the versioning part of the metadata: an entry for the file's extension and classifier (Maven 3), else time stamp
 * and build number (Maven 2).
 * @returns undefined when it names no build of this file
 */
export function newestBuild(metadata: string, coordinates: MavenCoordinates): SnapshotBuild | undefined {
  const xml = metadata.replace(/<!--.*?-->/gs, '');
  const entries = [...xml.matchAll(/<snapshotVersion>(.*?)<\/snapshotVersion>/gs)].map(([, entry]) => entry ?? '');
  const entry = entries.find(
    (candidate) =>
      element(candidate, 'extension') === coordinates.extension &&
      (element(candidate, 'classifier') ?? '') === (coordinates.classifier ?? ''),
  );
  const updated = digits(element(xml, 'lastUpdated'));
  if (entry !== undefined) {
    const value = element(entry, 'value');
    return isBuildOf(value, coordinates)
      ? { version: value, updated: digits(element(entry, 'updated')) || updated }
      : undefined;
  }
  if (entries.length > 0) return undefined;
  const snapshot = element(xml, 'snapshot') ?? '';
  if (element(snapshot, 'localCopy') === 'true') return { version: coordinates.version, updated };
  const build = `${element(snapshot, 'timestamp') ?? ''}-${element(snapshot, 'buildNumber') ?? ''}`;
  const value = coordinates.version.replace(/SNAPSHOT$/, build);
  return isBuildOf(value, coordinates) ? { version: value, updated } : undefined;
}

/** The value becomes part of a path and comes from a server, so it must look like what it says it is. */
function isBuildOf(value: string | undefined, { version }: MavenCoordinates): value is string {
  if (value === undefined) return false;
  const base = version.replace(/SNAPSHOT$/, '');
  return value === version || (value.startsWith(base) && /^\d{8}\.\d{6}-\d+$/.test(value.slice(base.length)));
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*(.*?)\\s*</${name}>`, 's').exec(xml)?.[1];
}

function digits(text: string | undefined): string {
  return (text ?? '').replace(/\D/g, '');
}
