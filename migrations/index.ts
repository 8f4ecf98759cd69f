import type { MigrationInterface } from 'typeorm';
import { scdfSchema } from './0001-scdf-schema.js';
import { Installation } from './0002-installation.js';
import { LargeObjectTexts } from './0003-large-object-texts.js';
import { Launches } from './0004-launches.js';
import { RowCounts } from './0005-row-counts.js';
import { RowCountTriggers } from './0006-row-count-triggers.js';
import { Indexes } from './0007-indexes.js';
import { JobLists } from './0010-job-lists.js';
import { StepHistory } from './0011-step-history.js';
import { LaunchIndex } from './0012-launch-index.js';
import { PlatformDomains } from './0013-platform-domains.js';
import { SpareIndexes } from './0014-spare-indexes.js';
import { Logs } from './0015-logs.js';
import { ComposedRuns } from './0016-composed-runs.js';
import { ParentIndex } from './0017-parent-index.js';
import { RemovalRuns } from './0018-removal-runs.js';
import { WithdrawnIndex } from './0019-withdrawn-index.js';
import { AccountTurns } from './0020-account-turns.js';
import { AccountLoads } from './0021-account-loads.js';

/** What migrations must know of the configuration. */
export interface MigrationSettings {
  /** `spring.flyway.table` */
  readonly historyTable: string;
}

/** All migrations in their order. The 13 digits at the end of a name are its number: TypeORM sorts by them. */
export function migrations({ historyTable }: MigrationSettings): (new () => MigrationInterface)[] {
  return [
    scdfSchema(historyTable),
    Installation,
    LargeObjectTexts,
    Launches,
    RowCounts,
    RowCountTriggers,
    Indexes,
    JobLists,
    StepHistory,
    LaunchIndex,
    PlatformDomains,
    SpareIndexes,
    Logs,
    ComposedRuns,
    ParentIndex,
    RemovalRuns,
    WithdrawnIndex,
    AccountTurns,
    AccountLoads,
  ];
}

/** The tables and views that these migrations make beside SCDF's; a test compares the list with a fresh database. */
export const OWN_RELATIONS: readonly string[] = [
  'millrace_account_load',
  'millrace_app_registration',
  'millrace_composed_run',
  'millrace_count',
  'millrace_count_delta',
  'millrace_count_pending',
  'millrace_installation',
  'millrace_job_execution',
  'millrace_job_instance_count',
  'millrace_launch',
  'millrace_log',
  'millrace_lost_text',
  'millrace_platform_domain',
  'millrace_platform_request',
  'millrace_removal',
  'millrace_step_history',
  'millrace_step_history_computed',
  'millrace_task_definition',
];
