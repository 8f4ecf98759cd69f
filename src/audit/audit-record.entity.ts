import { Column, Entity, PrimaryColumn } from 'typeorm';
import {
  type AuditAction,
  auditActionId,
  auditActionOf,
  type AuditOperation,
  auditOperationId,
  auditOperationOf,
} from './audit-types.js';

/** A row of SCDF's table `audit_records`: who changed what, and when. */
@Entity({ name: 'audit_records', synchronize: false })
export class AuditRecord {
  /** From `hibernate_sequence`, which SCDF shares. */
  @PrimaryColumn({ type: 'bigint' })
  id!: number;

  @Column({
    name: 'audit_action',
    type: 'bigint',
    transformer: { to: auditActionId, from: auditActionOf },
  })
  auditAction!: AuditAction;

  @Column({
    name: 'audit_operation',
    type: 'bigint',
    transformer: { to: auditOperationId, from: auditOperationOf },
  })
  auditOperation!: AuditOperation;

  /** Text, or JSON as text; secrets masked by whoever wrote it. */
  @Column({ name: 'audit_data', type: 'text', nullable: true })
  auditData!: string | null;

  @Column({ name: 'correlation_id', type: 'varchar', nullable: true })
  correlationId!: string | null;

  @Column({ name: 'created_by', type: 'varchar', nullable: true })
  createdBy!: string | null;

  @Column({ name: 'created_on', type: 'timestamp', nullable: true })
  createdOn!: Date | null;

  @Column({ name: 'platform_name', type: 'varchar', nullable: true })
  platformName!: string | null;
}
