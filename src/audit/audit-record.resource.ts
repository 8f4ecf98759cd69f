import { z } from 'zod';
import { link } from '../representation/links.js';
import type { RequestFrame } from '../representation/request-frame.js';
import { LinksSchema, pageSchema } from '../representation/resource.js';
import type { AuditRecord } from './audit-record.entity.js';
import { AUDIT_ACTION_KEYS, AUDIT_OPERATION_KEYS } from './audit-types.js';

/** An audit record on the wire. */
export const AuditRecordSchema = z
  .object({
    auditRecordId: z.number().int(),
    createdBy: z.string().nullable(),
    correlationId: z.string().nullable(),
    auditData: z.string().nullable(),
    createdOn: z.string().nullable().describe('ISO 8601 instant'),
    auditAction: z.enum(AUDIT_ACTION_KEYS).nullable(),
    auditOperation: z.enum(AUDIT_OPERATION_KEYS).nullable(),
    platformName: z.string().nullable(),
    _links: LinksSchema,
  })
  .meta({ id: 'AuditRecord' });

/** A page of audit records on the wire. */
export const AuditRecordPageSchema = pageSchema('AuditRecordPage', 'auditRecordResourceList', AuditRecordSchema);

export type AuditRecordResource = z.infer<typeof AuditRecordSchema>;

/** Writes an audit record as SCDF does. */
export function auditRecordResource(record: AuditRecord, frame: RequestFrame): AuditRecordResource {
  return {
    auditRecordId: record.id,
    createdBy: record.createdBy,
    correlationId: record.correlationId,
    auditData: record.auditData,
    createdOn: record.createdOn?.toISOString() ?? null,
    auditAction: record.auditAction,
    auditOperation: record.auditOperation,
    platformName: record.platformName,
    _links: { self: link(`${frame.baseUrl}/audit-records/${record.id}`) },
  };
}
