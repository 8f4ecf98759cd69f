import { describe, expect, it } from '@jest/globals';
import { NO_METADATA } from './app-metadata.js';
import { METADATA_LABEL, metadataFromLabels } from './image-labels.js';

describe('metadataFromLabels', () => {
  it('shows every property of the label, with short names', () => {
    const text = JSON.stringify({
      groups: [{ name: 'demo', type: 'a.Demo' }],
      properties: [
        { name: 'demo.path', sourceType: 'a.Demo' },
        { name: 'plain', defaultValue: 1 },
        { name: 'gone', deprecation: { level: 'error' } },
      ],
    });
    const { options } = metadataFromLabels({ [METADATA_LABEL]: text });
    expect(options.map(({ id, name }) => [id, name]).sort()).toEqual([
      ['demo.path', 'path'],
      ['plain', 'plain'],
    ]);
  });

  it('reads ports and option groups', () => {
    expect(
      metadataFromLabels({
        'configuration-properties.inbound-ports': 'a,b',
        'configuration-properties.outbound-ports': 'c',
        'org.springframework.cloud.dataflow.configuration-properties.option-groups.g': 'x,y',
      }),
    ).toEqual({
      options: [],
      inboundPortNames: ['a', 'b'],
      outboundPortNames: ['c'],
      optionGroups: { g: ['x', 'y'] },
    });
  });

  it.each<[Record<string, string>]>([[{}], [{ [METADATA_LABEL]: '{' }], [{ maintainer: 'x' }]])(
    '%j says nothing',
    (labels) => {
      expect(metadataFromLabels(labels)).toEqual(NO_METADATA);
    },
  );
});
