import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import type { AccountSettings } from '../../src/configuration/configuration.js';
import { readAccount } from '../../src/platforms/kubernetes/specs/account.js';
import { buildTaskObject, type TaskObject } from '../../src/platforms/kubernetes/specs/task-object.js';
import type { LaunchRequest } from '../../src/platforms/platform.js';

/** A launch of a Boot 3 task. */
export const launch: LaunchRequest = {
  externalExecutionId: 'nightly-0123456789abc',
  execution: { id: 7, schemaTarget: 'boot3', instanceId: 'installation' },
  taskName: 'nightly',
  resourceUri: 'docker:registry:5000/acme/batch:1@sha256:abc',
  bootVersion: '3',
  appProperties: { a: 'b' },
  dataSource: {},
  deploymentProperties: {},
  arguments: ['--p=1'],
  springArguments: ['--spring.cloud.task.executionid=7'],
};

/** What a test's object is made of; the rest is {@link launch}. */
export interface Making {
  readonly account?: AccountSettings;
  readonly properties?: Readonly<Record<string, string>>;
  readonly request?: Partial<LaunchRequest>;
  readonly secret?: string;
}

/** Builds the object as the platform does. */
export function make({ account = {}, properties = {}, request = {}, secret }: Making = {}): TaskObject {
  return buildTaskObject({
    account: readAccount('dev', account),
    request: { ...launch, deploymentProperties: properties, ...request },
    dataSourceSecret: secret ?? null,
  });
}

/** The pod, or the template of the job's pods. */
export function podOf(object: TaskObject): V1PodTemplateSpec {
  return object.kind === 'Pod' ? object.body : object.body.spec!.template;
}
