import { describe, expect, it } from '@jest/globals';
import { maskReason, secretsOf } from './reason-mask.js';

describe('maskReason', () => {
  it.each([
    ['exit code 3: cannot open input.csv', 'exit code 3: cannot open input.csv'],
    ['exit code 1: FATAL: "s3cr3t" refused', 'exit code 1: FATAL: "******" refused'],
    ['exit code 1: s3cr3t-and-more', 'exit code 1: ******'],
    ['exit code 1: --api.token=abc --size=3', 'exit code 1: --api.token=****** --size=3'],
    ['exit code 1: https://joe:p@ss@repo.example/x gone', 'exit code 1: https://******@repo.example/x gone'],
    ['exit code 1: mail to a@b.example', 'exit code 1: mail to a@b.example'],
    ['exit code 1: abc', 'exit code 1: abc'],
    ['exit code 1: it is s3cr3…', 'exit code 1: it is ******…'],
    ['exit code 1: no such image docker://app@sha256:1', 'exit code 1: no such image docker://app@sha256:1'],
    ['exit code 1: https://ghp_1@host/x', 'exit code 1: https://******@host/x'],
  ])('%s', (reason, expected) => {
    expect(maskReason(reason, ['s3cr3t', 's3cr3t-and-more', 'abc', ''])).toBe(expected);
  });
});

describe('secretsOf', () => {
  it('finds values of secret keys among properties and arguments', () => {
    expect(
      secretsOf({
        resourceUri: 'file:/x',
        bootVersion: '2',
        appProperties: { 'app.password': 'one', 'app.size': 'two', 'spring.datasource.username': 'sa' },
        deploymentProperties: {},
        arguments: ['--api.token=three=3', 'plain', 'size=4'],
        springArguments: ['--spring.cloud.task.executionid=7'],
      }),
    ).toEqual(['one', 'three=3']);
  });
});
