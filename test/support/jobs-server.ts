import { Global, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Application } from 'express';
import { Database } from '../../src/database/database.js';
import { isDatabaseUnavailable } from '../../src/database/database-unavailable.js';
import { RowCounts } from '../../src/database/row-counts.js';
import { JobExecutionsController } from '../../src/jobs/job-executions.controller.js';
import { JobInstancesController } from '../../src/jobs/job-instances.controller.js';
import { JobStatistics } from '../../src/jobs/job-statistics.service.js';
import { JobsModule } from '../../src/jobs/jobs.module.js';
import { JobsService } from '../../src/jobs/jobs.service.js';
import { StepExecutionsController } from '../../src/jobs/step-executions.controller.js';
import { ThinJobExecutionsController } from '../../src/jobs/thin-job-executions.controller.js';
import { ErrorFilter } from '../../src/representation/error.filter.js';
import { HalAdapter } from '../../src/representation/hal-adapter.js';
import { acceptable, formBody } from '../../src/representation/request-body.js';
import { exchange, type WireAnswer } from './http.js';

/** The job part of the server on its own, on real HTTP and a real database. */
export interface JobsServer {
  readonly service: JobsService;
  readonly statistics: JobStatistics;
  /** Errors that nobody foresaw; a test expects none. */
  readonly failures: readonly unknown[];
  get(target: string): Promise<WireAnswer>;
  close(): Promise<void>;
}

/** Serves `/jobs` from a database. */
export async function startJobsServer(database: Database): Promise<JobsServer> {
  const failures: unknown[] = [];
  const adapter = new HalAdapter();
  const application = await NestFactory.create(moduleOn(database), adapter, { bodyParser: false, logger: false });
  const express = adapter.getInstance<Application>();
  express.set('query parser', false);
  express.use(acceptable);
  express.use(formBody);
  const remember = (failure: unknown) => void failures.push(failure);
  application.useGlobalFilters(new ErrorFilter(isDatabaseUnavailable, { error: remember, warn: remember }));
  await application.listen(0, '127.0.0.1');
  const address = (application.getHttpServer() as { address(): { port: number } }).address();
  return {
    service: application.get(JobsService),
    statistics: application.get(JobStatistics),
    failures,
    get: (target) =>
      exchange(`http://127.0.0.1:${address.port}`, {
        method: 'GET',
        target,
        headers: { Accept: 'application/json', Host: '127.0.0.1:9393' },
      }),
    close: () => application.close(),
  };
}

function moduleOn(database: Database): Type {
  @Global()
  @Module({
    // The test closes its database itself.
    providers: [{ provide: Database, useFactory: () => withoutShutdown(database) }, RowCounts],
    exports: [Database, RowCounts],
  })
  class TestDatabaseModule {}

  @Module({
    imports: [TestDatabaseModule, JobsModule],
    controllers: [
      JobExecutionsController,
      ThinJobExecutionsController,
      JobInstancesController,
      StepExecutionsController,
    ],
  })
  class TestModule {}
  return TestModule;
}

function withoutShutdown(database: Database): Database {
  return Object.create(database, { onApplicationShutdown: { value: () => undefined } }) as Database;
}
