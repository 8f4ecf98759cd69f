import { describe, expect, it } from '@jest/globals';
import { make } from '../../../../test/support/kubernetes-launch.js';
import { readAccount } from './account.js';
import { APP_ID_LABEL, EXECUTION_ID_LABEL, INSTANCE_LABEL, SCHEMA_TARGET_LABEL, TASK_NAME_LABEL } from './labels.js';
import { probeCredentialsSecretOf } from './task-object.js';

describe('names', () => {
  it('find an execution', () => {
    expect(make().body.metadata!.labels).toMatchObject({
      [INSTANCE_LABEL]: 'installation',
      [EXECUTION_ID_LABEL]: '7',
      [SCHEMA_TARGET_LABEL]: 'boot3',
      [APP_ID_LABEL]: 'nightly-0123456789abc',
      [TASK_NAME_LABEL]: 'nightly',
    });
  });

  it.each([
    ['nightly', 'nightly', undefined],
    ['under_score', 'under_score', undefined],
    ['trail-', expect.stringMatching(/^trail--[0-9a-f]{8}$/), 'trail-'],
    ['x'.repeat(80), expect.stringMatching(/^x{54}-[0-9a-f]{8}$/), 'x'.repeat(80)],
    ['日本', expect.stringMatching(/^[0-9a-f]{8}$/), '日本'],
  ])('of the task %s', (taskName, label, annotation) => {
    const { metadata } = make({ request: { taskName } }).body;
    expect(metadata!.labels!['task-name']).toEqual(label);
    expect(metadata!.annotations?.['millrace/task-name']).toBe(annotation);
  });

  it('cannot be taken by labels of the user', () => {
    const deploymentLabels = 'role:mine,task-name:zzz,spring-app-id:x,millrace/execution-id:9';
    expect(
      make({ properties: { 'kubernetes.deploymentLabels': deploymentLabels } }).body.metadata!.labels,
    ).toMatchObject({
      role: 'mine',
      'task-name': 'zzz',
      'spring-app-id': 'nightly-0123456789abc',
      'millrace/execution-id': '7',
    });
  });

  it('of the Secret with the credentials of probes', () => {
    const properties = { 'kubernetes.probeCredentialsSecret': 'p' };
    expect(probeCredentialsSecretOf(readAccount('dev', {}), properties)).toBe('p');
    expect(probeCredentialsSecretOf(readAccount('dev', { 'probe-credentials-secret': 'a' }), {})).toBe('a');
    expect(probeCredentialsSecretOf(readAccount('dev', {}), {})).toBeUndefined();
  });
});
