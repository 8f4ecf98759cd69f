/** Labels and annotations of the objects that tasks become. Pure. */
import { createHash } from 'node:crypto';
import type { LaunchRequest } from '../../platform.js';
import type { Pairs } from './pairs.js';
import type { KubernetesSettings } from './settings.js';
import { isLabelValue } from './values.js';

/** Id of the server installation: tells the objects of two servers in one namespace apart. */
export const INSTANCE_LABEL = 'millrace/instance';
/** Id of the execution within its generation of tables. */
export const EXECUTION_ID_LABEL = 'millrace/execution-id';
/** `boot2` or `boot3`. */
export const SCHEMA_TARGET_LABEL = 'millrace/schema-target';
/** The task's name where a label cannot hold it. */
const TASK_NAME_ANNOTATION = 'millrace/task-name';

/** SCDF's labels, which its users select by. */
export const TASK_NAME_LABEL = 'task-name';
export const APP_ID_LABEL = 'spring-app-id';
const DEPLOYMENT_ID_LABEL = 'spring-deployment-id';
const GROUP_LABEL = 'spring-group-id';
const APP_NAME_LABEL = 'spring-application-name';
const ROLE_LABEL = 'role';
const ROLE = 'spring-app';

/** What labels are made of. */
export type LabelSource = Pick<LaunchRequest, 'taskName' | 'externalExecutionId' | 'execution'>;

/** The labels by which an execution's objects are found: on jobs, pods and pod templates. */
export function identityLabels(source: LabelSource, settings: KubernetesSettings): Pairs {
  const { execution, externalExecutionId } = source;
  return {
    [TASK_NAME_LABEL]: taskNameLabel(source.taskName),
    ...(settings.group === undefined ? {} : { [GROUP_LABEL]: settings.group }),
    [APP_ID_LABEL]: externalExecutionId,
    [DEPLOYMENT_ID_LABEL]: externalExecutionId,
    ...(settings.appName === undefined ? {} : { [APP_NAME_LABEL]: settings.appName }),
    [INSTANCE_LABEL]: execution.instanceId,
    [EXECUTION_ID_LABEL]: String(execution.id),
    [SCHEMA_TARGET_LABEL]: execution.schemaTarget,
  };
}

/**
 * The labels of a pod: those of its identity, SCDF's role, and `deploymentLabels`, which may overwrite role and task name, as
 * in SCDF, but not what the pod is found by.
 */
export function podLabels(source: LabelSource, settings: KubernetesSettings): Pairs {
  const identity = identityLabels(source, settings);
  const { [TASK_NAME_LABEL]: taskName = '', ...fixed } = identity;
  return { [ROLE_LABEL]: ROLE, [TASK_NAME_LABEL]: taskName, ...settings.deploymentLabels, ...fixed };
}

/** The task's name in full, where its label is a shortened form of it. */
export function nameAnnotations({ taskName }: Pick<LabelSource, 'taskName'>): Pairs {
  return taskNameLabel(taskName) === taskName ? {} : { [TASK_NAME_ANNOTATION]: taskName };
}

/**
 * The task's name as the value of a label: the name itself where Kubernetes allows it, else its beginning and a digest of
 * all of it. (SCDF refuses to launch such tasks.)
 */
export function taskNameLabel(taskName: string): string {
  if (isLabelValue(taskName)) return taskName;
  const digest = createHash('sha256').update(taskName).digest('hex').slice(0, 8);
  const readable = taskName
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 54);
  return readable === '' ? digest : `${readable}-${digest}`;
}
