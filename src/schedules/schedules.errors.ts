import { DomainError } from '../representation/domain-error.js';

/** No schedule has that name. */
export class NoSuchScheduleError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchScheduleException';

  constructor(name: string) {
    super(`Schedule [${name}] doesn't exist`);
  }
}

/** The platform account does not exist. SCDF answers 500. */
export class NoSuchSchedulePlatformError extends DomainError {
  readonly status = 400;
  readonly logref = 'IllegalArgumentException';

  constructor(name: string) {
    super(`The platform ${name} does not exist`);
  }
}

/** The platform account cannot hold schedules. SCDF answers 500. */
export class SchedulingNotSupportedError extends DomainError {
  readonly status = 400;
  readonly logref = 'UnsupportedOperationException';

  constructor(platformType: string) {
    super(`Scheduling is not implemented for ${platformType.toLowerCase()} platform.`);
  }
}
