import { DomainError } from '../representation/domain-error.js';

/** As many clients follow logs as may. */
export class TooManyFollowersError extends DomainError {
  readonly status = 429;
  readonly logref = 'TooManyLogFollowersException';
  override readonly retryAfter = 30;

  constructor(maximum: number) {
    super(`${maximum} clients follow logs already, which is the limit (millrace.logs.max-followers).`);
  }
}
