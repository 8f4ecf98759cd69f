/** What was done. Ids are SCDF's, stored in `audit_records.audit_action`. */
export const AUDIT_ACTIONS = [
  { id: 100, name: 'Create', description: 'Create an Entity', key: 'CREATE' },
  { id: 200, name: 'Delete', description: 'Delete an Entity', key: 'DELETE' },
  { id: 300, name: 'Deploy', description: 'Deploy an Entity', key: 'DEPLOY' },
  { id: 400, name: 'Rollback', description: 'Rollback an Entity', key: 'ROLLBACK' },
  { id: 500, name: 'Undeploy', description: 'Undeploy an Entity', key: 'UNDEPLOY' },
  { id: 600, name: 'Update', description: 'Update an Entity', key: 'UPDATE' },
  { id: 700, name: 'SuccessfulLogin', description: 'Successful login', key: 'LOGIN_SUCCESS' },
] as const;

/** What it was done to. Ids are SCDF's, stored in `audit_records.audit_operation`. */
export const AUDIT_OPERATIONS = [
  { id: 100, name: 'App Registration', key: 'APP_REGISTRATION' },
  { id: 200, name: 'Schedule', key: 'SCHEDULE' },
  { id: 300, name: 'Stream', key: 'STREAM' },
  { id: 400, name: 'Task', key: 'TASK' },
  { id: 500, name: 'Login', key: 'LOGIN' },
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number]['key'];
export type AuditOperation = (typeof AUDIT_OPERATIONS)[number]['key'];

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

/** Words of the actions, for parameters and documents. */
export const AUDIT_ACTION_KEYS = AUDIT_ACTIONS.map((action) => action.key);

/** Words of the operations, for parameters and documents. */
export const AUDIT_OPERATION_KEYS = AUDIT_OPERATIONS.map((operation) => operation.key);

const actionIds = new Map<AuditAction, number>(AUDIT_ACTIONS.map(({ key, id }) => [key, id]));
const operationIds = new Map<AuditOperation, number>(AUDIT_OPERATIONS.map(({ key, id }) => [key, id]));

/** The number under which an action is stored. */
export function auditActionId(action: AuditAction): number {
  return actionIds.get(action) ?? 0;
}

/** The number under which an operation is stored. */
export function auditOperationId(operation: AuditOperation): number {
  return operationIds.get(operation) ?? 0;
}

/** The action stored under a number; null for one that SCDF does not know. */
export function auditActionOf(id: number): AuditAction | null {
  return AUDIT_ACTIONS.find((action) => action.id === id)?.key ?? null;
}

/** The operation stored under a number; null for one that SCDF does not know. */
export function auditOperationOf(id: number): AuditOperation | null {
  return AUDIT_OPERATIONS.find((operation) => operation.id === id)?.key ?? null;
}
