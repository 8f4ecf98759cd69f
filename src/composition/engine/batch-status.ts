/** The statuses of Spring Batch, as the database holds them, from the mildest to the gravest. */
export type BatchStatus =
  'COMPLETED' | 'STARTING' | 'STARTED' | 'STOPPING' | 'STOPPED' | 'FAILED' | 'ABANDONED' | 'UNKNOWN';

/** Whether a step with this status has a child that may still run. */
export function isUnderWay(status: BatchStatus): boolean {
  return status === 'STARTING' || status === 'STARTED' || status === 'STOPPING';
}
