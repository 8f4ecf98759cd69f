import { createHash } from 'node:crypto';
import type { ExecutionKey } from './launch-record.js';

/**
 * The name that pod or process bears: the task's name and a digest of installation, generation and execution id, so that it
 * is the same at every attempt and clashes with none of another installation. Lower case and at most 63 characters, as
 * Kubernetes wants names that are label values too (RFC 1123).
 */
export function externalNameOf(taskName: string, instanceId: string, { schemaTarget, id }: ExecutionKey): string {
  const digest = createHash('sha256').update(`${instanceId}/${schemaTarget}/${id}`).digest();
  const suffix = BigInt(`0x${digest.subarray(0, 8).toString('hex')}`)
    .toString(36)
    .padStart(13, '0');
  const readable = taskName
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 49)
    .replace(/-+$/, '');
  return `${readable || 'task'}-${suffix}`;
}
