import { describe, expect, it } from '@jest/globals';
import { readPropertyFile } from './property-file.js';
import { SyntaxProblem } from './sources/yaml-file.js';

describe('readPropertyFile', () => {
  it.each([
    [
      'f.yml',
      'common:\n  management.metrics.tags:\n    application: ${spring.cloud.task.name:unknown}\nlocal: {a: [x, on]}',
    ],
    [
      'f.properties',
      'common.management.metrics.tags.application=${spring.cloud.task.name:unknown}\nlocal.a[0]=x\nlocal.a[1]=true',
    ],
  ])('%s', (name, content) => {
    expect(readPropertyFile(content, name)).toEqual({
      'common.management.metrics.tags.application': '${spring.cloud.task.name:unknown}',
      'local.a[0]': 'x',
      'local.a[1]': 'true',
    });
  });

  it('takes the last of several documents', () => {
    expect(readPropertyFile('common: {a: 1, b: 2}\n---\ncommon: {a: 3}', 'f.yaml')).toEqual({
      'common.a': '3',
      'common.b': '2',
    });
  });

  it('refuses what it cannot read', () => {
    expect(() => readPropertyFile('a: [', 'f.yaml')).toThrow(SyntaxProblem);
  });
});
