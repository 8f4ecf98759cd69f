import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { RetentionSelection } from './retention-selection.service.js';
import { RetentionService } from './retention.service.js';

/** Retention: removes ended executions by and by, as a policy says. */
@Module({
  imports: [ExecutionsModule],
  providers: [RetentionSelection, RetentionService],
  exports: [RetentionService],
})
export class RetentionModule {}
