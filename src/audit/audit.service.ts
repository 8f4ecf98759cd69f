import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database } from '../database/database.js';
import { DomainError } from '../representation/domain-error.js';
import type { Page, PageRequest } from '../representation/page.js';
import { sortColumns } from '../representation/sort.js';
import { AuditRecord } from './audit-record.entity.js';
import { AUDIT_COLUMNS, auditColumnsOf, insertAuditRecords } from './audit-insertion.js';
import {
  type AuditAction,
  auditActionId,
  type AuditOperation,
  auditOperationId,
  type AuditEntry,
} from './audit-types.js';

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
    const entries = `unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[]) AS entry(${AUDIT_COLUMNS})`;
    await manager.query(insertAuditRecords(entries), [...auditColumnsOf([entry])]);
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
