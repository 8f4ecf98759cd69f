import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

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
  private sections: Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> | undefined;

  constructor(private readonly resource: string | undefined) {}

  /** Section `common`, then that of the platform's type. @throws Error when the file cannot be read */
  async forPlatform(type: 'Local' | 'Kubernetes'): Promise<Readonly<Record<string, string>>> {
    if (this.resource === undefined || this.resource.startsWith('classpath:')) return PACKAGED;
    this.sections ??= readSections(this.resource);
    const sections = await this.sections;
    return { ...sections['common'], ...sections[type.toLowerCase()] };
  }
}

async function readSections(resource: string): Promise<Record<string, Record<string, string>>> {
  const text = /^https?:/.test(resource)
    ? await (await fetch(resource, { signal: AbortSignal.timeout(10_000) })).text()
    : await readFile(resource.startsWith('file:') ? fileURLToPath(resource) : resource, 'utf8');
  const tree: unknown = parse(text);
  const flat = flatten(tree, '');
  const sections: Record<string, Record<string, string>> = {};
  for (const [key, value] of flat) {
    const dot = key.indexOf('.');
    if (dot < 0) continue;
    (sections[key.slice(0, dot)] ??= {})[key.slice(dot + 1)] = value;
  }
  return sections;
}

function flatten(tree: unknown, prefix: string): [string, string][] {
  if (tree === null || tree === undefined) return [];
  if (typeof tree !== 'object') return [[prefix, String(tree as string | number | boolean)]];
  return Object.entries(tree).flatMap(([key, value]) => flatten(value, prefix === '' ? key : `${prefix}.${key}`));
}
