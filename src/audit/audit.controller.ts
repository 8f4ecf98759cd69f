import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { localDateTime } from '../representation/dates.js';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { choices, integer, optionalText, Parameters } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { AuditRecordPageSchema, auditRecordResource, AuditRecordSchema } from './audit-record.resource.js';
import { AUDIT_ACTION_KEYS, AUDIT_ACTIONS, AUDIT_OPERATION_KEYS, AUDIT_OPERATIONS } from './audit-types.js';
import { AUDIT_SORT_PROPERTIES, AuditService } from './audit.service.js';

const ListParameters = z.object({
  actions: choices('Only these actions', AUDIT_ACTION_KEYS).optional(),
  operations: choices('Only these operations', AUDIT_OPERATION_KEYS).optional(),
  fromDate: localDateTime('Only records from this time on (UTC)').optional(),
  toDate: localDateTime('Only records up to this time (UTC)').optional(),
  search: optionalText('Accepted for the dashboard and not used, as in SCDF'),
});

const OneParameters = z.object({ id: integer('Id of the audit record') });

/** `/audit-records`: who changed what, and when. */
@Controller('audit-records')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Operation({
    summary: 'List audit records',
    parameters: ListParameters,
    sortable: Object.keys(AUDIT_SORT_PROPERTIES),
    answer: AuditRecordPageSchema,
    refusals: [400],
  })
  async list(@Parameters(ListParameters) parameters: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const page = await this.audit.list(
      {
        actions: parameters.actions ?? [],
        operations: parameters.operations ?? [],
        from: parameters.fromDate,
        to: parameters.toDate,
      },
      request,
    );
    const resources = page.elements.map((record) => auditRecordResource(record, frame));
    return pagedResource('auditRecordResourceList', resources, page.totalElements, request, frame);
  }

  @Get('audit-operation-types')
  @Operation({
    summary: 'List what can be changed',
    answer: z.array(z.object({ id: z.number(), name: z.string(), key: z.string() })),
  })
  operationTypes() {
    return AUDIT_OPERATIONS;
  }

  @Get('audit-action-types')
  @Operation({
    summary: 'List how things can be changed',
    answer: z.array(
      z.object({
        id: z.number(),
        name: z.string(),
        description: z.string(),
        key: z.string(),
        nameWithDescription: z.string(),
      }),
    ),
  })
  actionTypes() {
    return AUDIT_ACTIONS.map((action) => ({
      ...action,
      nameWithDescription: `${action.name} (${action.description})`,
    }));
  }

  @Get(':id')
  @Operation({
    summary: 'Show one audit record',
    parameters: OneParameters,
    answer: AuditRecordSchema,
    refusals: [400, 404],
  })
  async one(@Parameters(OneParameters) parameters: z.output<typeof OneParameters>, @Frame() frame: RequestFrame) {
    return auditRecordResource(await this.audit.find(parameters.id), frame);
  }
}
