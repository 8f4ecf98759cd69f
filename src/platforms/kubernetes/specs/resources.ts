/** Limits and requests of the main container. Pure. */
import type { V1ResourceRequirements } from '@kubernetes/client-node';
import { InvalidLaunchRequestError } from '../../platform.js';
import type { Pairs } from './pairs.js';
import type { KubernetesSettings, ResourceSettings } from './settings.js';
import { isQualifiedName, quantityNumber } from './values.js';

/** @throws InvalidLaunchRequestError for a request above its limit, and for a GPU vendor that cannot be */
export function resourceRequirements({ limits, requests }: KubernetesSettings): V1ResourceRequirements {
  for (const [setting, request] of Object.entries(requests) as [keyof ResourceSettings, string][]) {
    const limit = limits[setting];
    if (limit !== undefined && quantityNumber(request) > quantityNumber(limit)) {
      throw new InvalidLaunchRequestError(
        `Deployment property 'kubernetes.requests.${setting}' has the value '${request}'. ` +
          `It must be at most the limit, which is '${limit}' (kubernetes.limits.${setting}).`,
      );
    }
  }
  return { limits: quantities(limits), requests: quantities(requests) };
}

function quantities({ memory, cpu, ephemeralStorage, gpuVendor, gpuCount }: ResourceSettings): Pairs {
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(ephemeralStorage === undefined ? {} : { 'ephemeral-storage': ephemeralStorage }),
    // SCDF wants both, and takes neither where one is missing.
    ...(gpuVendor === undefined || gpuCount === undefined ? {} : { [gpuResource(gpuVendor)]: gpuCount }),
  };
}

function gpuResource(vendor: string): string {
  const resource = `${vendor}/gpu`;
  if (isQualifiedName(resource)) return resource;
  throw new InvalidLaunchRequestError(
    `Deployment property 'kubernetes.limits.gpuVendor' has the value '${vendor}'. ` +
      "It must be a vendor's DNS name such as nvidia.com; '/gpu' is added to it.",
  );
}
