import type { FeatureConfiguration, TaskConfiguration } from '../configuration.js';
import { bool, integer, text, textList, httpUrl } from '../property-types.js';
import { optionalProperty, property, propertyGroup } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { TEXT_MAP } from '../tree-shapes.js';

const P = 'spring.cloud.dataflow';

export const featureProperties = {
  tasksEnabled: property(`${P}.features.tasks-enabled`, {
    type: bool,
    default: 'true',
    meaning: 'Whether tasks are served at all.',
  }),
  schedulesEnabled: property(`${P}.features.schedules-enabled`, {
    type: bool,
    default: 'false',
    meaning: 'Whether schedules are served.',
  }),
  streamsEnabled: optionalProperty(`${P}.features.streams-enabled`, {
    type: bool,
    meaning: 'Accepted; Millrace has no streams and answers as SCDF does with streams switched off.',
  }),
} as const;

export const taskProperties = {
  autoCreateTaskDefinitions: property(`${P}.task.auto-create-task-definitions`, {
    type: bool,
    default: 'false',
    meaning: 'Whether the launch of an unknown name that is a registered app creates a task definition.',
  }),
  executionDeleteChunkSize: property(`${P}.task.execution-delete-chunk-size`, {
    type: integer(0),
    default: '0',
    meaning: 'Most executions that one statement deletes; 0 is no limit.',
  }),
  asyncDelete: property(`${P}.async.enabled`, {
    type: bool,
    default: 'false',
    meaning: 'Whether the deletion of many executions answers at once and goes on in the background.',
  }),
  useKubernetesSecrets: property(`${P}.task.use-kubernetes-secrets-for-db-credentials`, {
    type: bool,
    default: 'false',
    aliases: [`${P}.task.use.kubernetes.secrets.for.db.credentials`],
    meaning: 'Whether database user and password are left out of what Kubernetes tasks are given.',
  }),
  composedTaskRunnerUri: property(`${P}.task.composedtaskrunner.uri`, {
    type: text,
    default: 'maven://org.springframework.cloud:spring-cloud-dataflow-composed-task-runner:2.11.5',
    aliases: [`${P}.task.composed-task-runner-uri`],
    meaning: 'Where the composed task runner’s app is, for those who want to run it.',
  }),
  composedTaskRunnerImagePullSecret: optionalProperty(`${P}.task.composedtaskrunner.image-pull-secret`, {
    type: text,
    meaning: 'Name of the Kubernetes Secret with which the runner’s image is pulled.',
  }),
  composedTaskRunnerUseUserAccessToken: property(`${P}.task.composedtaskrunner.use-user-access-token`, {
    type: bool,
    default: 'false',
    aliases: [`${P}.task.use-user-access-token`],
    meaning: 'Whether the caller’s access token is passed to the runner.',
  }),
  serverUri: optionalProperty(`${P}.server.uri`, {
    type: httpUrl,
    meaning: 'Address at which tasks and runners reach this server.',
  }),
  applicationPropertiesResource: optionalProperty(`${P}.application-properties.task-resource`, {
    type: text,
    meaning:
      'File with properties for all tasks (`file:`, `http:`), sections `common`, `kubernetes`, `local`; its placeholders are left to the tasks.',
  }),
  javaHomeBoot2: optionalProperty(`${P}.defaults.boot2.local.java-home-path`, {
    type: text,
    meaning: 'Java home of local Spring Boot 2 tasks.',
  }),
  javaHomeBoot3: optionalProperty(`${P}.defaults.boot3.local.java-home-path`, {
    type: text,
    meaning: 'Java home of local Spring Boot 3 tasks.',
  }),
  maximumSchedulesReturned: property(`${P}.scheduler.service.max-schedules-returned`, {
    type: integer(1),
    default: '10000',
    meaning: 'Most schedules that a list returns.',
  }),
  groupIncludes: property(`${P}.task.deployer-properties.group-includes`, {
    type: textList,
    default: '',
    meaning: 'Deployer property groups to list; all if empty.',
  }),
  groupExcludes: property(`${P}.task.deployer-properties.group-excludes`, {
    type: textList,
    default: 'spring.cloud.deployer.kubernetes.fabric8',
    meaning: 'Deployer property groups not to list.',
  }),
  propertyIncludes: property(`${P}.task.deployer-properties.property-includes`, {
    type: textList,
    default: '',
    meaning: 'Deployer properties to list; all if empty.',
  }),
  propertyExcludes: property(`${P}.task.deployer-properties.property-excludes`, {
    type: textList,
    default:
      'spring.cloud.deployer.local.maximum-concurrent-tasks,spring.cloud.deployer.kubernetes.maximum-concurrent-tasks',
    meaning: 'Deployer properties not to list.',
  }),
  rowNumberOptimization: property(`${P}.task.jdbc.row-number-optimization.enabled`, {
    type: bool,
    default: 'true',
    meaning: 'Accepted without effect: lists are always read in the fast way.',
  }),
  applicationProperties: propertyGroup(
    `${P}.application-properties.task`,
    TEXT_MAP,
    'Properties handed to every task.',
  ),
} as const;

export function readFeatures(reader: PropertyReader): FeatureConfiguration {
  return {
    tasksEnabled: reader.value(featureProperties.tasksEnabled),
    schedulesEnabled: reader.value(featureProperties.schedulesEnabled),
  };
}

/** @param replicated metrics settings that every task gets unless `application-properties.task` says otherwise */
export function readTask(reader: PropertyReader, replicated: Readonly<Record<string, string>>): TaskConfiguration {
  const p = taskProperties;
  reader.value(p.rowNumberOptimization);
  return {
    autoCreateTaskDefinitions: reader.value(p.autoCreateTaskDefinitions),
    executionDeleteChunkSize: reader.value(p.executionDeleteChunkSize),
    asyncDelete: reader.value(p.asyncDelete),
    useKubernetesSecretsForDbCredentials: reader.value(p.useKubernetesSecrets),
    composedTaskRunner: {
      uri: reader.value(p.composedTaskRunnerUri),
      imagePullSecret: reader.value(p.composedTaskRunnerImagePullSecret),
      useUserAccessToken: reader.value(p.composedTaskRunnerUseUserAccessToken),
    },
    serverUri: reader.value(p.serverUri),
    applicationProperties: { ...replicated, ...reader.texts(p.applicationProperties) },
    applicationPropertiesResource: reader.value(p.applicationPropertiesResource),
    javaHomePaths: { boot2: reader.value(p.javaHomeBoot2), boot3: reader.value(p.javaHomeBoot3) },
    maximumSchedulesReturned: reader.value(p.maximumSchedulesReturned),
    deployerProperties: {
      groupIncludes: reader.value(p.groupIncludes),
      groupExcludes: reader.value(p.groupExcludes),
      propertyIncludes: reader.value(p.propertyIncludes),
      propertyExcludes: reader.value(p.propertyExcludes),
    },
  };
}
