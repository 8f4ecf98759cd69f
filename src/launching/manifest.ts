import { z } from 'zod';

/**
 * SCDF's task manifest: what a launch was made of, as JSON in `task_execution_metadata`. The next launch of the same task
 * takes deployment properties and versions from it; SCDF does the same with manifests written here.
 */
const ManifestSchema = z.object({
  taskDeploymentRequest: z.object({
    definition: z.object({ name: z.string(), properties: z.record(z.string(), z.coerce.string()) }),
    resource: z.string().nullable().default(null),
    deploymentProperties: z.record(z.string(), z.coerce.string()).default({}),
    commandlineArguments: z.array(z.string()).default([]),
  }),
  platformName: z.string().nullable().default(null),
});

/** A manifest, taken apart. */
export interface Manifest {
  readonly taskName: string;
  readonly appProperties: Readonly<Record<string, string>>;
  readonly resourceUri: string | null;
  /** As the user wrote the keys, merged over all launches, and the injected `app.<app>.spring…` ones. */
  readonly deploymentProperties: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
  readonly platformName: string | null;
}

/** Reads a stored manifest; null for a text that is none, which must not spoil a list. */
export function parseManifest(text: string | null): Manifest | null {
  if (text === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = ManifestSchema.safeParse(json);
  if (!parsed.success) return null;
  const { taskDeploymentRequest: request, platformName } = parsed.data;
  return {
    taskName: request.definition.name,
    appProperties: request.definition.properties,
    resourceUri: request.resource,
    deploymentProperties: request.deploymentProperties,
    arguments: request.commandlineArguments,
    platformName,
  };
}

/** Writes a manifest as SCDF stores it. */
export function formatManifest(manifest: Manifest): string {
  return JSON.stringify({
    taskDeploymentRequest: {
      definition: { name: manifest.taskName, properties: manifest.appProperties },
      resource: manifest.resourceUri,
      deploymentProperties: manifest.deploymentProperties,
      commandlineArguments: manifest.arguments,
    },
    platformName: manifest.platformName,
  });
}
