import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readPropertyFile } from '../configuration/property-file.js';

/** What SCDF's packaged file gives to every task; the placeholders are the application's to resolve. */
const PACKAGED: Readonly<Record<string, string>> = {
  'management.metrics.tags.service': 'task-application',
  'management.metrics.tags.application': '${spring.cloud.task.name:unknown}-${spring.cloud.task.executionid:unknown}',
};

/**
 * The properties that all tasks share: the packaged ones, or those of the file that
 * `spring.cloud.dataflow.application-properties.task-resource` names, with sections `common` and one for each platform.
 */
export class CommonProperties {
  private properties: Promise<Readonly<Record<string, string>>> | undefined;

  constructor(private readonly resource: string | undefined) {}

  /** Section `common`, then that of the platform's type. @throws Error when the file cannot be read */
  async forPlatform(type: 'Local' | 'Kubernetes'): Promise<Readonly<Record<string, string>>> {
    if (this.resource === undefined || this.resource.startsWith('classpath:')) return PACKAGED;
    this.properties ??= readResource(this.resource);
    const properties = await this.properties;
    return { ...section(properties, 'common.'), ...section(properties, `${type.toLowerCase()}.`) };
  }
}

async function readResource(resource: string): Promise<Record<string, string>> {
  const text = /^https?:/.test(resource)
    ? await (await fetch(resource, { signal: AbortSignal.timeout(10_000) })).text()
    : await readFile(resource.startsWith('file:') ? fileURLToPath(resource) : resource, 'utf8');
  return { ...readPropertyFile(text, resource) };
}

function section(properties: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
