import { Injectable } from '@nestjs/common';
import { ComposedStops } from '../composition/composed-stops.service.js';
import { Database } from '../database/database.js';
import { JobNotRunningError } from './job-control.errors.js';
import { markStopping } from './job-control.sql.js';
import type { ExecutionKey } from './job-execution.sql.js';
import type { JobExecution } from './job-history.js';
import { JobsService } from './jobs.service.js';
import { ProcessWitness } from './process-witness.service.js';

/** Asks jobs to stop: their application does so at the end of a chunk, and they can be restarted from there. */
@Injectable()
export class JobStopService {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobsService,
    private readonly witness: ProcessWitness,
    private readonly composed: ComposedStops,
  ) {}

  /**
   * A job that is stopping already is asked again, as in SCDF.
   * @throws NoSuchJobExecutionError
   * @throws JobNotRunningError
   */
  async stop(key: ExecutionKey): Promise<void> {
    const { execution } = await this.jobs.findExecution(key);
    if (await this.stopRun(execution)) return;
    if (await this.witness.hasEnded(execution)) {
      const { id, schemaTarget, endTime } = execution;
      throw new JobNotRunningError(
        endTime === null
          ? `Its process has ended without a word: POST /jobs/executions/${id}/recover?schemaTarget=${schemaTarget}`
          : undefined,
      );
    }
    if (!(await markStopping(this.database, key))) throw new JobNotRunningError();
  }

  /** A composed task has no application that could honour the status: the server stops it. */
  private async stopRun({ schemaTarget, taskExecutionId }: JobExecution): Promise<boolean> {
    return this.composed.requestStop({ schemaTarget, id: taskExecutionId });
  }
}
