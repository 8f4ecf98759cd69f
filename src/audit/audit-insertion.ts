import { auditActionId, type AuditEntry, auditOperationId } from './audit-types.js';

/** Columns of what {@link insertAuditRecords} inserts, in the order of {@link auditColumnsOf}. */
export const AUDIT_COLUMNS = 'audit_action, audit_operation, audit_data, correlation_id, audit_platform';

/**
 * A statement that writes audit records; those of other features may hold it as a part.
 * @param source an item of FROM with the {@link AUDIT_COLUMNS}
 */
export const insertAuditRecords = (source: string) =>
  `INSERT INTO audit_records (id, audit_action, audit_operation, audit_data, correlation_id, created_on, platform_name)
   SELECT nextval('hibernate_sequence'), audit_action, audit_operation, audit_data, correlation_id,
          now() AT TIME ZONE 'UTC', audit_platform FROM ${source}`;

/** The {@link AUDIT_COLUMNS} of entries, each as an array for `unnest`: two of bigint, three of text. */
export function auditColumnsOf(entries: readonly AuditEntry[]): readonly (readonly (number | string | null)[])[] {
  return [
    entries.map(({ action }) => auditActionId(action)),
    entries.map(({ operation }) => auditOperationId(operation)),
    entries.map(({ data }) => (typeof data === 'string' ? data : JSON.stringify(data))),
    entries.map(({ correlationId }) => correlationId),
    entries.map(({ platformName }) => platformName ?? null),
  ];
}
