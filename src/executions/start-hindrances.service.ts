import { Injectable } from '@nestjs/common';
import { maskReason } from '../launching/reason-mask.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import type { TaskExecution } from './task-execution.js';

/**
 * Says of executions that wait at their platform what is in their way: an image that cannot be pulled, a node that has no room.
 * It is what the platform sees at this moment; nothing is written, since it passes.
 */
@Injectable()
export class StartHindrances {
  constructor(private readonly platforms: PlatformRegistry) {}

  tell(execution: TaskExecution): TaskExecution {
    const { externalExecutionId, platformName, startTime, endTime, errorMessage } = execution;
    if (startTime !== null || endTime !== null || errorMessage !== null) return execution;
    if (externalExecutionId === null || platformName === null) return execution;
    const reason = this.platforms.find(platformName)?.hindrance?.(externalExecutionId);
    return reason === undefined
      ? execution
      : { ...execution, errorMessage: `Not started yet. ${maskReason(reason, [])}` };
  }
}
