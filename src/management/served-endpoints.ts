import type { ManagementConfiguration } from '../configuration/configuration.js';

/** The management endpoints that this server has. */
export type ManagementEndpoint = 'health' | 'info' | 'prometheus';

/** Those that the configuration exposes; metrics are served only if they are collected as well, as in SCDF. */
export function servedEndpoints(management: ManagementConfiguration): readonly ManagementEndpoint[] {
  const names = (list: readonly string[], name: string) => list.includes('*') || list.includes(name);
  const exposed = (name: string) => names(management.exposed, name) && !names(management.hidden, name);
  const served: ManagementEndpoint[] = [];
  if (exposed('health')) served.push('health');
  if (exposed('info')) served.push('info');
  if (exposed('prometheus') && management.prometheusEnabled) served.push('prometheus');
  return served;
}
