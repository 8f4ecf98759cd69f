import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { LaunchAttempts } from './launch-attempts.service.js';

/**
 * Lets a request wait for the marks of launches that were answered before it came: whoever was told of a launch finds it with
 * its external id, and can stop it, although the answer did not wait for that to be written.
 */
@Injectable()
export class MarkedLaunches implements NestMiddleware {
  constructor(private readonly attempts: LaunchAttempts) {}

  use(_request: Request, _response: Response, next: NextFunction): void {
    if (this.attempts.hasUnmarked) void this.attempts.marked().then(() => next());
    else next();
  }
}
