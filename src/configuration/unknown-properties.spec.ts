import { describe, expect, it } from '@jest/globals';
import { KNOWN_PROPERTIES, PROPERTY_INDEX } from './known-properties.js';
import { formatPropertyName, parsePropertyName } from './property-names.js';
import { buildPropertyTree } from './property-tree.js';
import { editDistance, nearestName, warnAboutNames } from './unknown-properties.js';

function warnings(names: readonly string[], environment: Record<string, string> = {}): readonly string[] {
  const entries = names.map((name) => ({ name: parsePropertyName(name), value: 'x', origin: 'f.yaml, line 1' }));
  const sources = [{ description: 'f.yaml', entries }];
  return warnAboutNames(sources, environment, PROPERTY_INDEX, KNOWN_PROPERTIES, buildPropertyTree(sources));
}

describe('warnAboutNames', () => {
  it.each([
    'millrace.dataDir',
    'spring.cloud.dataflow.task.platform.kubernetes.accounts.dev.whatever[0].deep',
    'spring.cloud.dataflow.application-properties.task.any.thing',
    'spring.cloud.dataflow.task.composed-task-runner-uri',
    'spring.cloud.dataflow.features.streams-enabled',
    'spring.cloud.dataflow.security.authorization.rules[3]',
    'spring.cloud.dataflow.skipper.anything',
    'spring.cloud.dataflow.task.deployer-properties.group-includes[0]',
    'spring.jpa.database-platform',
    'server.tomcat.threads.max',
    'anything.else',
  ])('says nothing of %s', (name) => {
    expect(warnings([name])).toEqual([]);
  });

  it.each([
    ['millrace.data-dri', 'unknown property millrace.data-dri (f.yaml, line 1); did you mean millrace.data-dir?'],
    ['millrace.qwertyuiop', 'unknown property millrace.qwertyuiop (f.yaml, line 1)'],
    [
      'spring.cloud.dataflow.task.composedtaskruner.uri',
      'unknown property spring.cloud.dataflow.task.composedtaskruner.uri (f.yaml, line 1); did you mean spring.cloud.dataflow.task.composedtaskrunner.uri?',
    ],
    [
      'spring.cloud.dataflow.container.registry-configurations.harbor.usr',
      'unknown property spring.cloud.dataflow.container.registry-configurations.harbor.usr (f.yaml, line 1); did you mean spring.cloud.dataflow.container.registry-configurations.harbor.user?',
    ],
    [
      'spring.cloud.dataflow.server.uri[0]',
      'unknown property spring.cloud.dataflow.server.uri[0] (f.yaml, line 1); did you mean spring.cloud.dataflow.server.uri?',
    ],
    ['spring.rabbitmq.host', 'spring.rabbitmq.* has no effect: there are no streams (f.yaml, line 1)'],
    [
      'spring.cloud.dataflow.task.platform.cloudfoundry.accounts.x.y',
      'spring.cloud.dataflow.task.platform.cloudfoundry.* has no effect: there is no Cloud Foundry platform (f.yaml, line 1)',
    ],
  ])('of %s', (name, warning) => {
    expect(warnings([name])).toEqual([warning]);
  });

  it.each([
    ['SERVER_PORT', '8080', []],
    ['MILLRACE_SERVICE_HOST', '10.0.0.1', []],
    ['MILLRACE_PORT', 'tcp://10.0.0.1:80', []],
    ['SPRING_CLOUD_DATAFLOW_SERVER_PORT_80_TCP', 'tcp://10.0.0.1:80', []],
    ['MILLRACER_X', 'x', []],
    ['MILLRACE_DATADIR', '/x', []],
    ['SPRING_CLOUD_DATAFLOW_FEATURES_STREAMS_ENABLED', 'false', []],
    ['MILLRACE_DATA_DRI', '/x', ['unknown environment variable MILLRACE_DATA_DRI; did you mean MILLRACE_DATA_DIR?']],
    [
      'SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULE_ENABLED',
      'true',
      [
        'unknown environment variable SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULE_ENABLED; did you mean SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULES_ENABLED?',
      ],
    ],
    [
      'SPRING_CLOUD_SKIPPER_CLIENT_SERVER_URI',
      'x',
      ['spring.cloud.skipper.* has no effect: there are no streams (SPRING_CLOUD_SKIPPER_CLIENT_SERVER_URI)'],
    ],
    [
      'SPRING_CLOUD_DATAFLOW_APPLICATIONPROPERTIES_STREAM_X',
      'x',
      [
        'spring.cloud.dataflow.application-properties.stream.* has no effect: there are no streams (SPRING_CLOUD_DATAFLOW_APPLICATIONPROPERTIES_STREAM_X)',
      ],
    ],
  ])('of the variable %s=%s', (variable, value, expected) => {
    expect(warnings([], { [variable]: value })).toEqual(expected);
  });

  it('has one line for all settings below a prefix without effect', () => {
    expect(warnings(['spring.kafka.a', 'spring.kafka.b'], { SPRING_KAFKA_C: 'x' })).toEqual([
      'spring.kafka.* has no effect: there are no streams (f.yaml, line 1)',
    ]);
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['same', 'same', 0],
  ])('«%s» «%s»: %i', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance);
  });
});

describe('nearestName', () => {
  it('has nothing to say of a name unlike all others', () => {
    expect(nearestName(['zzz', 'qqq'], KNOWN_PROPERTIES)).toBeUndefined();
  });

  it('finds a name in another letter case and place of dashes', () => {
    expect(formatPropertyName(nearestName(['millrace', 'launch', 'que'], KNOWN_PROPERTIES) ?? [])).toBe(
      'millrace.launch.queue',
    );
  });
});
