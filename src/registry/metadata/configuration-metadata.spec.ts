import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeConfiguration, type MetadataTexts } from './configuration-metadata.js';
import { readMetadataFile } from './metadata-file.js';

const NO_HINTS = { keyHints: [], keyProviders: [], valueHints: [], valueProviders: [] };

function texts(
  parts: { metadata?: readonly unknown[] } & Partial<Record<keyof MetadataTexts, unknown>>,
): MetadataTexts {
  const all = { metadata: [], visibility: [], portMappings: [], optionGroups: [], ...parts } as MetadataTexts;
  return {
    ...all,
    metadata: all.metadata.map((file) => (typeof file === 'string' ? file : JSON.stringify(file))),
  };
}

const FILE = {
  groups: [
    { name: 'demo', type: 'a.Demo', sourceType: 'a.Demo' },
    { name: 'demo.inner', type: 'a.Demo$Inner', sourceType: 'a.Demo' },
  ],
  properties: [
    { name: 'demo.path', type: 'java.lang.String', sourceType: 'a.Demo', description: 'Path. Absolute.' },
    { name: 'demo.inner.size', type: 'java.lang.Integer', sourceType: 'a.Demo$Inner', defaultValue: 3 },
    { name: 'other', type: 'java.lang.String', defaultValue: ['a', 'b'] },
    { name: 'demo.stray', sourceType: 'a.Unknown' },
  ],
  hints: [],
};

const ids = (options: readonly { id: string }[]) => options.map(({ id }) => id).sort();

describe('describeConfiguration', () => {
  it('shows everything exhaustively and nothing otherwise, unless the app says what is visible', () => {
    const { visible, exhaustive } = describeConfiguration(texts({ metadata: [FILE] }));
    expect(visible.options).toEqual([]);
    expect(ids(exhaustive.options)).toEqual(['demo.inner.size', 'demo.path', 'demo.stray', 'other']);
  });

  it.each<[string, string[]]>([
    ['configuration-properties.classes=a.Demo', ['demo.path']],
    ['configuration-properties.classes=a.Demo, a.Demo$Inner', ['demo.inner.size', 'demo.path']],
    ['configuration-properties.names=other,demo.inner.size', ['demo.inner.size', 'other']],
    [
      'configuration-properties.classes=a.Demo\nconfiguration-properties.names=demo.path,demo.stray',
      ['demo.path', 'demo.stray'],
    ],
    ['configuration-properties.classes=a.Unknown', []],
    ['something.else=a.Demo', []],
  ])('visible by %j', (visibility, expected) => {
    const { visible } = describeConfiguration(texts({ metadata: [FILE], visibility: [visibility] }));
    expect(ids(visible.options)).toEqual(expected);
  });

  it('names properties relative to their group, and by their whole id without one', () => {
    const { exhaustive } = describeConfiguration(texts({ metadata: [FILE] }));
    expect(Object.fromEntries(exhaustive.options.map(({ id, name }) => [id, name]))).toEqual({
      'demo.path': 'path',
      'demo.inner.size': 'size',
      'demo.stray': 'demo.stray',
      other: 'other',
    });
  });

  it('writes all fields of a property', () => {
    const { exhaustive } = describeConfiguration(texts({ metadata: [FILE] }));
    expect(exhaustive.options.find(({ id }) => id === 'demo.path')).toEqual({
      id: 'demo.path',
      name: 'path',
      type: 'java.lang.String',
      description: 'Path. Absolute.',
      shortDescription: 'Path.',
      defaultValue: null,
      hints: NO_HINTS,
      deprecation: null,
      deprecated: false,
    });
    expect(exhaustive.options.find(({ id }) => id === 'other')?.defaultValue).toEqual(['a', 'b']);
  });

  it('wants every class of a group that several files declare', () => {
    const second = {
      groups: [{ name: 'demo', type: 'b.Demo' }],
      properties: [{ name: 'demo.more', sourceType: 'b.Demo' }],
    };
    const describe = (visibility: string) =>
      ids(describeConfiguration(texts({ metadata: [FILE, second], visibility: [visibility] })).visible.options);
    expect(describe('configuration-properties.classes=a.Demo')).toEqual([]);
    expect(describe('configuration-properties.classes=a.Demo,b.Demo')).toEqual(['demo.more', 'demo.path']);
  });

  it('takes the first of several declarations', () => {
    const second = { properties: [{ name: 'other', description: 'Second' }] };
    const { exhaustive } = describeConfiguration(texts({ metadata: [FILE, second] }));
    expect(exhaustive.options.filter(({ id }) => id === 'other')).toMatchObject([{ description: null }]);
  });

  it.each<[object, object | null]>([
    [{}, null],
    [{ deprecated: false }, null],
    [{ deprecated: true }, { level: 'WARNING', reason: null, shortReason: null, replacement: null }],
    [
      { deprecation: { reason: 'Old. Very old.', replacement: 'new' } },
      { level: 'WARNING', reason: 'Old. Very old.', shortReason: 'Old.', replacement: 'new' },
    ],
    [
      { deprecated: true, deprecation: { level: 'nonsense' } },
      { level: 'WARNING', reason: null, shortReason: null, replacement: null },
    ],
  ])('deprecation %j', (raw, deprecation) => {
    const { exhaustive } = describeConfiguration(texts({ metadata: [{ properties: [{ name: 'p', ...raw }] }] }));
    expect(exhaustive.options).toMatchObject([{ deprecation, deprecated: deprecation !== null }]);
  });

  it('hides what is deprecated at level error', () => {
    const metadata = [{ properties: [{ name: 'p', deprecated: true, deprecation: { level: 'error' } }] }];
    const visibility = ['configuration-properties.names=p'];
    const { visible, exhaustive } = describeConfiguration(texts({ metadata, visibility }));
    expect([...visible.options, ...exhaustive.options]).toEqual([]);
  });

  it('attaches hints to a property, its keys and its values', () => {
    const file = {
      properties: [{ name: 'level' }, { name: 'level.keys.x' }],
      hints: [
        {
          name: 'level.keys',
          values: [{ value: 'root', description: 'All. Of it.' }],
          providers: [{ name: 'logger-name' }],
        },
        { name: 'level.values', values: [{ value: 1 }], providers: [{ name: 'any', parameters: { target: 'x' } }] },
        { name: 'unknown', values: [{ value: 'x' }] },
      ],
    };
    const { exhaustive } = describeConfiguration(texts({ metadata: [file] }));
    expect(exhaustive.options.find(({ id }) => id === 'level')?.hints).toEqual({
      keyHints: [{ value: 'root', description: 'All. Of it.', shortDescription: 'All.' }],
      keyProviders: [{ name: 'logger-name', parameters: {} }],
      valueHints: [{ value: 1, description: null, shortDescription: null }],
      valueProviders: [{ name: 'any', parameters: { target: 'x' } }],
    });
  });

  it('reads port names and option groups', () => {
    const { visible, exhaustive } = describeConfiguration(
      texts({
        portMappings: ['configuration-properties.inbound-ports=a, b\nconfiguration-properties.outbound-ports=c'],
        optionGroups: [
          'org.springframework.cloud.dataflow.configuration-properties.option-groups.readers.file=r.a,r.b\n' +
            'configuration-properties.option-groups.common=c\nunrelated=x',
        ],
      }),
    );
    for (const metadata of [visible, exhaustive]) {
      expect(metadata).toEqual({
        options: [],
        inboundPortNames: ['a', 'b'],
        outboundPortNames: ['c'],
        optionGroups: { 'readers.file': ['r.a', 'r.b'], common: ['c'] },
      });
    }
  });

  it.each([
    [''],
    ['{'],
    ['null'],
    ['[]'],
    ['"text"'],
    ['{"properties":1}'],
    ['{"properties":[1,null,{},{"name":7},{"name":""}],"groups":"x","hints":[{}]}'],
  ])('passes over %j', (malformed) => {
    const { exhaustive } = describeConfiguration(texts({ metadata: [malformed, FILE] }));
    expect(exhaustive.options).toHaveLength(FILE.properties.length);
  });

  it('keeps a property whose other fields make no sense', () => {
    const metadata = [{ properties: [{ name: 'p', type: 7, description: {}, deprecation: 'x', deprecated: 'yes' }] }];
    expect(describeConfiguration(texts({ metadata })).exhaustive.options).toMatchObject([
      { id: 'p', type: null, description: null, deprecated: false },
    ]);
  });

  it('never throws', () => {
    const item = fc.record(
      Object.fromEntries(
        ['name', 'type', 'sourceType', 'description', 'deprecated', 'deprecation', 'values', 'providers'].map((key) => [
          key,
          fc.oneof(fc.constantFrom('a', 'a.b', 'a.b.keys', '__proto__', 'constructor'), fc.jsonValue()),
        ]),
      ),
      { requiredKeys: [] },
    );
    const list = fc.oneof(fc.array(item), fc.jsonValue());
    const file = fc.record({ groups: list, properties: list, hints: list }, { requiredKeys: [] });
    fc.assert(
      fc.property(
        fc.oneof(
          file.map((it) => JSON.stringify(it)),
          fc.string(),
        ),
        fc.string(),
        (text, visibility) => {
          readMetadataFile(text);
          describeConfiguration(texts({ metadata: [text], visibility: [visibility], optionGroups: [visibility] }));
        },
      ),
    );
  });
});
