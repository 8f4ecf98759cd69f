/** Marks on this server's own objects. */

/** Which server made it: several may share a namespace. */
export const INSTANCE_LABEL = 'millrace/instance';
export const EXECUTION_ID_LABEL = 'millrace/execution-id';
/** `boot2` or `boot3`: ids are unique within one generation of tables only. */
export const SCHEMA_TARGET_LABEL = 'millrace/schema-target';
/** When the execution was asked to stop, ISO 8601. */
export const ANNOTATION_STOPPED_AT = 'millrace/stopped-at';
