import { z } from 'zod';
import { ContainerRegistryError } from './container-registry.errors.js';

export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** What stands behind a tag or digest: an image, or a list of images for several platforms. */
export type Manifest =
  /** Digest of the image's configuration. */
  | { readonly kind: 'image'; readonly configDigest: string }
  /** Digest of the manifest that was chosen out of the list. */
  | { readonly kind: 'list'; readonly manifestDigest: string };

const Digest = z.string().regex(/^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/);
const ImageSchema = z.object({ config: z.object({ digest: Digest }) });
const ListSchema = z.object({
  manifests: z
    .array(
      z.object({
        digest: Digest,
        platform: z.object({ os: z.string().optional(), architecture: z.string().optional() }).optional(),
      }),
    )
    .min(1),
});

/** The `Accept` header of requests for manifests: all types, the configured one first. */
export function manifestMediaTypes(preferred: string | undefined): string {
  return [...new Set([preferred ?? DOCKER_MANIFEST, DOCKER_MANIFEST, OCI_MANIFEST, DOCKER_LIST, OCI_INDEX])].join(', ');
}

/**
 * Reads a manifest. Of a list, the image for Linux on amd64 is chosen, else the first one: labels hardly ever differ
 * between platforms. Entries of an unknown platform are attestations, not images.
 * @throws ContainerRegistryError
 */
export function readManifest(json: unknown, image: string): Manifest {
  const list = ListSchema.safeParse(json);
  if (list.success) {
    const { manifests } = list.data;
    const images = manifests.filter(({ platform }) => platform?.os !== 'unknown');
    const preferred = images.find(({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64');
    const chosen = preferred ?? images[0] ?? manifests[0];
    if (chosen !== undefined) return { kind: 'list', manifestDigest: chosen.digest };
  }
  const single = ImageSchema.safeParse(json);
  if (single.success) return { kind: 'image', configDigest: single.data.config.digest };
  throw new ContainerRegistryError(`Image [${image}] has incorrect or missing manifest config element`);
}

const ConfigSchema = z.object({
  config: z.object({ Labels: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/**
 * The labels in an image's configuration; values that are no text are left out.
 * @throws ContainerRegistryError
 */
export function labelsOfConfig(json: unknown, image: string): Readonly<Record<string, string>> {
  const config = ConfigSchema.safeParse(json);
  if (!config.success) throw new ContainerRegistryError(`The configuration of image [${image}] cannot be read`);
  const labels = Object.entries(config.data.config?.Labels ?? {});
  return Object.fromEntries(labels.filter((label): label is [string, string] => typeof label[1] === 'string'));
}
