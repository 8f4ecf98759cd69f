import { describe, expect, it } from '@jest/globals';
import * as client from '@kubernetes/client-node';
import { KUBERNETES_FIELDS } from './kubernetes-fields.js';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** What a pod's metadata may say is ours to decide; of a claim's, only this. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = { ObjectMeta: ['annotations', 'labels', 'name'] };

function attributesOf(type: string): readonly Attribute[] {
  const models = client as unknown as Readonly<Record<string, { getAttributeTypeMap(): Attribute[] } | undefined>>;
  const model = models[`V1${type}`] ?? models[`CoreV1${type}`];
  return (model?.getAttributeTypeMap() ?? []).filter(({ baseName }) => CHOSEN[type]?.includes(baseName) ?? true);
}

function kindOf({ type, format }: Attribute): string {
  const item = /^Array<(.*)>$/.exec(type)?.[1];
  if (item !== undefined) return `[${kindOf({ baseName: '', type: item, format })}]`;
  if (type.startsWith('{')) return '{}';
  const kinds: Record<string, string> = { string: 'text', number: 'int', boolean: 'flag', IntOrString: 'intOrText' };
  return kinds[type] ?? type.replace(/^(Core)?V1/, '');
}

describe('the fields of the Kubernetes API', () => {
  it.each(Object.entries(KUBERNETES_FIELDS))('%s has those that the client knows', (type, written) => {
    const fields = written
      .trim()
      .split(/\s+/)
      .map((field) => field.replace('!', ''))
      .map((field) => (field.includes(':') ? field : `${field}:text`));
    expect(fields.toSorted()).toEqual(
      attributesOf(type)
        .map((attribute) => `${attribute.baseName}:${kindOf(attribute)}`)
        .toSorted(),
    );
  });

  it('name no type that is missing', () => {
    const mentioned = Object.values(KUBERNETES_FIELDS).flatMap(
      (fields) => fields.match(/[A-Z]\w+(?=\]?(\s|$))/g) ?? [],
    );
    const types = mentioned.filter((word) => fieldKinds().has(word));
    expect(types.filter((type) => KUBERNETES_FIELDS[type] === undefined)).toEqual([]);
  });
});

function fieldKinds(): ReadonlySet<string> {
  return new Set(
    Object.values(KUBERNETES_FIELDS)
      .flatMap((fields) => fields.trim().split(/\s+/))
      .map((field) => /:\[?([A-Z]\w*)/.exec(field)?.[1] ?? ''),
  );
}
