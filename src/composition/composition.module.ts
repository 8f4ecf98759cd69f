import { Module } from '@nestjs/common';
import { LaunchingModule } from '../launching/launching.module.js';
import { ComposedDriver } from './composed-driver.service.js';
import { ComposedRounds } from './composed-rounds.service.js';
import { ComposedRunSignals } from './composed-run-signals.js';
import { ComposedStops } from './composed-stops.service.js';

/** Composed tasks: runs of several tasks, one after the other and side by side, inside the server. */
@Module({
  imports: [LaunchingModule],
  providers: [ComposedRunSignals, ComposedRounds, ComposedDriver, ComposedStops],
  exports: [ComposedRunSignals, ComposedDriver, ComposedStops],
})
export class CompositionModule {}
