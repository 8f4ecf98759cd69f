import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database, type PreparingSqlRunner } from '../database/database.js';
import { DomainError } from '../representation/domain-error.js';
import type { Page, PageRequest } from '../representation/page.js';
import { sortColumns } from '../representation/sort.js';
import { AuditRecord } from './audit-record.entity.js';
import { type AuditAction, auditActionId, type AuditOperation, auditOperationId } from './audit-types.js';

/** What is to be written down about a change. */
export interface AuditEntry {
  readonly operation: AuditOperation;
  readonly action: AuditAction;
  /** Name of what was changed. */
  readonly correlationId: string;
  /** Text as it is, anything else as JSON; secrets masked by the caller. */
  readonly data: unknown;
  readonly platformName?: string;
}

/** Which audit records are asked for. */
export interface AuditFilter {
  readonly actions: readonly AuditAction[];
  readonly operations: readonly AuditOperation[];
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

/** No audit record has that id. */
export class NoSuchAuditRecordError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchAuditRecordException';

  constructor(id: number) {
    super(`Could not find audit record for id ${id}`);
  }
}

/** The range of dates ends before it begins. */
export class InvalidDateRangeError extends DomainError {
  readonly status = 400;
  readonly logref = 'InvalidDateRangeException';

  constructor() {
    super('The fromDate cannot be after the toDate.');
  }
}

/** What a list of audit records can be sorted by. */
export const AUDIT_SORT_PROPERTIES = {
  id: 'id',
  createdOn: 'createdOn',
  createdBy: 'createdBy',
  auditAction: 'auditAction',
  auditOperation: 'auditOperation',
  correlationId: 'correlationId',
  auditData: 'auditData',
  platformName: 'platformName',
} as const;

/** Writes and reads the audit trail. */
@Injectable()
export class AuditService {
  constructor(private readonly database: Database) {}

  /** Writes an entry in the transaction of the change itself, so that neither is without the other. */
  async record(manager: EntityManager, entry: AuditEntry): Promise<void> {
    await manager.query(
      `INSERT INTO audit_records (id, audit_action, audit_operation, audit_data, correlation_id, created_on, platform_name)
       VALUES (nextval('hibernate_sequence'), $1, $2, $3, $4, now() AT TIME ZONE 'UTC', $5)`,
      [
        auditActionId(entry.action),
        auditOperationId(entry.operation),
        textOf(entry),
        entry.correlationId,
        entry.platformName ?? null,
      ],
    );
  }

  /** The same for several entries at once. */
  async recordAll(sql: PreparingSqlRunner, entries: readonly AuditEntry[]): Promise<void> {
    await sql.queryPrepared(
      `INSERT INTO audit_records (id, audit_action, audit_operation, audit_data, correlation_id, created_on, platform_name)
       SELECT nextval('hibernate_sequence'), action, operation, data, correlation_id, now() AT TIME ZONE 'UTC', platform_name
       FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[])
         AS entry(action, operation, data, correlation_id, platform_name)`,
      [
        entries.map(({ action }) => auditActionId(action)),
        entries.map(({ operation }) => auditOperationId(operation)),
        entries.map(textOf),
        entries.map(({ correlationId }) => correlationId),
        entries.map(({ platformName }) => platformName ?? null),
      ],
    );
  }

  /** @throws NoSuchAuditRecordError */
  async find(id: number): Promise<AuditRecord> {
    const found = await this.records().where('record.id = :id', { id }).getOne();
    if (found === null) throw new NoSuchAuditRecordError(id);
    return found;
  }

  /**
   * @throws InvalidDateRangeError
   * @throws InvalidSortError
   */
  async list(filter: AuditFilter, request: PageRequest): Promise<Page<AuditRecord>> {
    if (filter.from !== undefined && filter.to !== undefined && filter.from > filter.to) {
      throw new InvalidDateRangeError();
    }
    const query = this.records();
    if (filter.actions.length > 0) {
      query.andWhere('record.auditAction IN (:...actions)', { actions: filter.actions.map(auditActionId) });
    }
    if (filter.operations.length > 0) {
      query.andWhere('record.auditOperation IN (:...operations)', {
        operations: filter.operations.map(auditOperationId),
      });
    }
    if (filter.from !== undefined) query.andWhere('record.createdOn >= :from', { from: filter.from });
    if (filter.to !== undefined) query.andWhere('record.createdOn <= :to', { to: filter.to });
    for (const [property, direction] of sortColumns(request, AUDIT_SORT_PROPERTIES, 'AuditRecord')) {
      query.addOrderBy(`record.${property}`, direction);
    }
    if (request.sort.length === 0) query.orderBy('record.id', 'ASC');
    const [elements, totalElements] = await query.offset(request.offset).limit(request.size).getManyAndCount();
    return { elements, totalElements };
  }

  private records(): SelectQueryBuilder<AuditRecord> {
    return this.database.dataSource.getRepository(AuditRecord).createQueryBuilder('record');
  }
}

function textOf({ data }: AuditEntry): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}
