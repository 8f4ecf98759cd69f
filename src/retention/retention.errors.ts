import { DomainError } from '../representation/domain-error.js';

/** One run at a time, on whatever server. */
export class RetentionUnderWayError extends DomainError {
  readonly status = 409;
  readonly logref = 'IllegalStateException';
  override readonly hint = 'GET /millrace/retention shows how far it is.';

  constructor() {
    super('A run of the retention is under way already.');
  }
}

/** There is no policy that could be applied. */
export class NoRetentionPolicyError extends DomainError {
  readonly status = 409;
  readonly logref = 'IllegalStateException';
  override readonly hint =
    'Set millrace.retention.max-age, millrace.retention.max-per-task or millrace.retention.failed.max-age.';

  constructor() {
    super('Executions stay for ever: no limit of the retention is set.');
  }
}

/** The configuration allows dry runs only. */
export class DryRunsOnlyError extends DomainError {
  readonly status = 409;
  readonly logref = 'IllegalStateException';

  constructor() {
    super('Nothing may be removed while millrace.retention.dry-run is true.');
  }
}
