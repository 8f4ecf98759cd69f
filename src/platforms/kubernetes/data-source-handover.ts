/** How an execution's pods get the server's data source, as `millrace.kubernetes.data-source` says. */
import type { KubernetesDataSource } from '../../configuration/configuration.js';
import type { LaunchRequest } from '../platform.js';
import type { DataSourceSecret } from './data-source-secret.js';

/** What a task's object is to be made of. */
export interface HandOver {
  /** The request with what goes in the open among its application properties; the rest is left in `dataSource`. */
  readonly request: LaunchRequest;
  /** The Secret that holds what is left in `dataSource`; null when nothing is. */
  readonly secretName: string | null;
}

/** Entries of an operator's Secret: those of the Secret type `kubernetes.io/basic-auth`. */
const CREDENTIALS = new Set(['spring.datasource.username', 'spring.datasource.password']);

export class DataSourceHandOver {
  constructor(
    private readonly setting: KubernetesDataSource,
    private readonly own: DataSourceSecret,
  ) {}

  /** Says how; changes nothing in the cluster. */
  plan(request: LaunchRequest): HandOver {
    const { setting } = this;
    if (setting.way === 'secret') return handOver(request, {}, request.dataSource, this.own.name);
    if (setting.way === 'properties') return handOver(request, request.dataSource, {}, null);
    const entries = Object.entries(request.dataSource);
    const open = Object.fromEntries(entries.filter(([name]) => !CREDENTIALS.has(name)));
    const kept = Object.fromEntries(entries.filter(([name]) => CREDENTIALS.has(name)));
    return handOver(request, open, kept, setting.secretName);
  }

  /** Makes sure that the server's own Secret is as the plan needs it. @throws PlatformLaunchError without the right to */
  async prepare({ request, secretName }: HandOver): Promise<void> {
    if (secretName === this.own.name) await this.own.ensure(request.dataSource);
  }
}

function handOver(
  request: LaunchRequest,
  open: LaunchRequest['dataSource'],
  dataSource: LaunchRequest['dataSource'],
  secretName: string | null,
): HandOver {
  return {
    request: { ...request, appProperties: { ...open, ...request.appProperties }, dataSource },
    secretName: Object.keys(dataSource).length > 0 ? secretName : null,
  };
}
