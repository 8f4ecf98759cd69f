import { SCHEMA_TARGETS, schemaTargetOf } from '../schema/schema-target.js';

/** The properties by which a Spring application finds its own generation of tables. They overwrite a user's. */
export function schemaProperties(bootVersion: '2' | '3'): Readonly<Record<string, string>> {
  const target = SCHEMA_TARGETS[schemaTargetOf(bootVersion)];
  return {
    'spring.cloud.task.initialize-enabled': 'false',
    'spring.batch.jdbc.table-prefix': target.batchPrefix,
    'spring.cloud.task.tablePrefix': target.taskPrefix,
    'spring.cloud.task.schemaTarget': target.name,
    'spring.cloud.deployer.bootVersion': bootVersion,
  };
}

/** The same as SCDF adds them to the command line: prefix kept. */
export function schemaArguments(prefix: string, bootVersion: '2' | '3'): readonly string[] {
  return Object.entries(schemaProperties(bootVersion)).map(([key, value]) => `--app.${prefix}.${key}=${value}`);
}
