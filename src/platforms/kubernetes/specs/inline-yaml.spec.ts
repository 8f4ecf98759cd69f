import { describe, expect, it } from '@jest/globals';
import { parseInlineYaml } from './inline-yaml.js';
import { readObject, readObjects } from './kubernetes-objects.js';
import { UnacceptableValue } from './values.js';

describe('inline YAML', () => {
  it.each<[string, unknown]>([
    ['[{name: v, emptyDir: {}}]', [{ name: 'v', emptyDir: {} }]],
    ['{"a": [1, true, "x"]}', { a: ['1', 'true', 'x'] }],
    ['{a: null, b: ~, c: "null", d: }', { c: 'null' }],
    ["'high'", 'high'],
    ['a: b', { a: 'b' }],
    ['{my.key/x: y}', { 'my.key/x': 'y' }],
    ['', undefined],
  ])('%s', (text, expected) => {
    expect(parseInlineYaml(text)).toEqual(expected);
  });

  it.each(['[{a', '{a: b}}', '[*x]', '{[a]: b}', '{a: 1, a: 2}'])('refuses %s', (text) => {
    expect(() => parseInlineYaml(text)).toThrow(UnacceptableValue);
  });

  it.each(['[', '{a: ', '- ', '? ', '["]", '])('refuses many levels of %j, and survives', (level) => {
    for (const levels of [60, 2_000, 30_000]) {
      expect(() => parseInlineYaml(level.repeat(levels))).toThrow(UnacceptableValue);
    }
  });

  it('refuses many levels of indentation, and survives', () => {
    const lines = Array.from({ length: 350 }, (_, level) => `${' '.repeat(level)}a:`);
    expect(() => parseInlineYaml(`${lines.join('\n')} x`)).toThrow('levels');
  });

  it('does not expand aliases, and takes no text without end', () => {
    expect(() => parseInlineYaml('[&a [x], *a]')).toThrow('aliases');
    expect(() => parseInlineYaml('x'.repeat(300_000))).toThrow('at most');
  });

  it('does not repeat the text in its message', () => {
    expect(() => parseInlineYaml('{password: hunter2, : : }]')).not.toThrow(/hunter2/);
  });
});

describe('objects of the Kubernetes API', () => {
  it.each<[string, string, unknown]>([
    ['Volume', '[{name: v, host-path: {path: /x}}]', [{ name: 'v', hostPath: { path: '/x' } }]],
    ['Volume', '[{name: v, emptyDir: {}}]', [{ name: 'v', emptyDir: {} }]],
    [
      'Volume',
      '[{name: v, secret: {secretName: s, defaultMode: 0644, optional: yes}}]',
      [{ name: 'v', secret: { secretName: 's', defaultMode: 420, optional: true } }],
    ],
    [
      'Volume',
      "[{name: v, csi: {driver: d, volumeAttributes: {a/b: 1, '[c/d]': 2}}}]",
      [{ name: 'v', csi: { driver: 'd', volumeAttributes: { 'a/b': '1', 'c/d': '2' } } }],
    ],
    [
      'Toleration',
      '[{key: k, value: true, tolerationSeconds: -1}]',
      [{ key: 'k', value: 'true', tolerationSeconds: -1 }],
    ],
    [
      'Container',
      '[{name: c, image: i, command: [a, " b"], ports: [{containerPort: 80}], livenessProbe: {tcpSocket: {port: http}}}]',
      [
        {
          ...{ name: 'c', image: 'i', command: ['a', ' b'], ports: [{ containerPort: 80 }] },
          livenessProbe: { tcpSocket: { port: 'http' } },
        },
      ],
    ],
  ])('%s %s', (type, text, expected) => {
    expect(readObjects(type, parseInlineYaml(text)!)).toEqual(expected);
  });

  it.each([
    ['Volume', '[{name: v, fooDisk: {}}]', "'fooDisk' in [0] is none, did you mean"],
    ['Volume', '[{hostPath: {path: /x}}]', '[0].name is given'],
    ['Volume', '[{name: v, hostPath: []}]', '[0].hostPath is an object in braces'],
    ['Volume', '[{name: v, csi: {driver: d, volumeAttributes: [a]}}]', '[0].csi.volumeAttributes is an object'],
    ['VolumeMount', '{name: v}', 'a list in brackets'],
    ['VolumeMount', '[{name: v, mountPath: /x, readOnly: maybe}]', '[0].readOnly is true or false'],
    ['Toleration', '[{tolerationSeconds: soon}]', '[0].tolerationSeconds is a whole number'],
    ['Toleration', '[{effect: Never}]', '[0].effect is one of NoSchedule'],
    ['Sysctl', '[{name: {a: b}, value: x}]', '[0].name is a single value'],
  ])('%s %s is refused: %s', (type, text, message) => {
    expect(() => readObjects(type, parseInlineYaml(text)!)).toThrow(message);
  });

  it('refuses an object that says nothing and numbers below 0', () => {
    expect(() => readObject('PodSecurityContext', {})).toThrow('at least one field');
    expect(() => readObject('PodSecurityContext', { runAsUser: '-1' })).toThrow('not below 0');
  });
});
