import { Module } from '@nestjs/common';
import { JobStatistics } from './job-statistics.service.js';
import { JobsService } from './jobs.service.js';

/** The Spring Batch history. */
@Module({ providers: [JobsService, JobStatistics], exports: [JobsService, JobStatistics] })
export class JobsModule {}
