/**
 * What SCDF 2.11.5 has in a PostgreSQL database, as data: the tables of both generations, their keys, indexes, sequences
 * and views, each with the step of SCDF's own history (Flyway version 1 to 13) that brought it. Everything that creates,
 * completes or checks such a database is derived from here; a test compares the outcome with the dump of a real one.
 */

/** A column: name, PostgreSQL type with `not null` or default, and the step that added it if later than its table. */
export type Column = readonly [name: string, type: string, since?: number];

export interface Table {
  readonly name: string;
  readonly since: number;
  readonly columns: readonly Column[];
  /** Constraint clauses in the order of creation. */
  readonly constraints: readonly string[];
}

/** A view that unites both generations, with the literal column `schema_target`. */
export interface UnionView {
  readonly name: string;
  /** Table of the first generation; the second one's name has the prefix `boot3_`. */
  readonly table: string;
  readonly columns: readonly string[];
}

/** One entry of SCDF's Flyway history. */
export interface HistoryStep {
  readonly version: number;
  readonly description: string;
}

/** The steps in SCDF's history; 2.11.3 to 2.11.5 end at 13. */
export const HISTORY: readonly HistoryStep[] = [
  'Initial Setup',
  'Add Descriptions OriginalDefinition',
  'Add Platform To AuditRecords',
  'Add Step Name Indexes',
  'Add Task Execution Params Indexes',
  'Boot3 Boot Version',
  'Boot3 Add Task3 Batch5 Schema',
  'AddAggregateViews',
  'ChangeTextTypes',
  'ChangeTextTypes',
  'DropJobConfigurationLocation',
  'CreateBatchIndexes',
  'CreateTaskParentIndex',
].map((description, index) => ({ version: index + 1, description }));

/** The step that the tables below describe. */
export const CURRENT_VERSION = HISTORY.length;

/**
 * The oldest step that can be completed from. SCDF 2.3 leaves step 2, 2.4 to 2.6 step 3, 2.7 to 2.9 step 4, 2.10 step 5;
 * before step 2 there were no manifests, from which a launch takes the properties of the last one.
 */
export const OLDEST_VERSION = 2;

const TIMESTAMP = 'timestamp';
const JOB_COUNTERS = [
  'commit_count',
  'read_count',
  'filter_count',
  'write_count',
  'read_skip_count',
  'write_skip_count',
  'process_skip_count',
  'rollback_count',
];

/** Tables of the server itself. */
const OWN_TABLES: readonly Table[] = [
  {
    name: 'app_registration',
    since: 1,
    columns: [
      ['id', 'bigint not null'],
      ['object_version', 'bigint'],
      ['default_version', 'boolean'],
      ['metadata_uri', 'text'],
      ['name', 'varchar(255)'],
      ['type', 'integer'],
      ['uri', 'text'],
      ['version', 'varchar(255)'],
      ['boot_version', 'varchar(16)', 6],
    ],
    constraints: ['primary key (id)'],
  },
  {
    name: 'task_deployment',
    since: 1,
    columns: [
      ['id', 'bigint not null'],
      ['object_version', 'bigint'],
      ['task_deployment_id', 'varchar(255) not null'],
      ['task_definition_name', 'varchar(255) not null'],
      ['platform_name', 'varchar(255) not null'],
      ['created_on', TIMESTAMP],
    ],
    constraints: ['primary key (id)'],
  },
  {
    name: 'audit_records',
    since: 1,
    columns: [
      ['id', 'bigint not null'],
      ['audit_action', 'bigint'],
      ['audit_data', 'text'],
      ['audit_operation', 'bigint'],
      ['correlation_id', 'varchar(255)'],
      ['created_by', 'varchar(255)'],
      ['created_on', TIMESTAMP],
      ['platform_name', 'varchar(255)', 3],
    ],
    constraints: ['primary key (id)'],
  },
  {
    name: 'stream_definitions',
    since: 1,
    columns: [
      ['definition_name', 'varchar(255) not null'],
      ['definition', 'text'],
      ['description', 'varchar(255)', 2],
      ['original_definition', 'text', 2],
    ],
    constraints: ['primary key (definition_name)'],
  },
  {
    name: 'task_definitions',
    since: 1,
    columns: [
      ['definition_name', 'varchar(255) not null'],
      ['definition', 'text'],
      ['description', 'varchar(255)', 2],
    ],
    constraints: ['primary key (definition_name)'],
  },
];

/** Tables of Spring Cloud Task: the same in both generations. */
function taskTables(prefix: '' | 'boot3_', since: number, metadataSince: number): Table[] {
  const execution = `${prefix}task_execution`;
  const ofExecution = `foreign key (task_execution_id) references ${execution} (task_execution_id)`;
  const key: Column = ['task_execution_id', 'bigint not null'];
  return [
    {
      name: execution,
      since,
      columns: [
        key,
        ['start_time', TIMESTAMP],
        ['end_time', TIMESTAMP],
        ['task_name', 'varchar(100)'],
        ['exit_code', 'integer'],
        ['exit_message', 'varchar(2500)'],
        ['error_message', 'varchar(2500)'],
        ['last_updated', TIMESTAMP],
        ['external_execution_id', 'varchar(255)'],
        ['parent_execution_id', 'bigint'],
      ],
      constraints: ['primary key (task_execution_id)'],
    },
    {
      name: `${prefix}task_execution_params`,
      since,
      columns: [key, ['task_param', 'varchar(2500)']],
      constraints: [`constraint ${prefix}task_exec_params_fk ${ofExecution}`],
    },
    {
      // Applications insert into this one without naming columns: it must stay exactly so.
      name: `${prefix}task_task_batch`,
      since,
      columns: [key, ['job_execution_id', 'bigint not null']],
      constraints: [`constraint ${prefix === '' ? 'task_' : 'boot3_'}exec_batch_fk ${ofExecution}`],
    },
    {
      name: `${prefix}task_lock`,
      since,
      columns: [
        ['lock_key', 'char(36) not null'],
        ['region', 'varchar(100) not null'],
        ['client_id', 'char(36)'],
        ['created_date', `${TIMESTAMP} not null`],
      ],
      constraints: [`constraint ${prefix}lock_pk primary key (lock_key, region)`],
    },
    {
      name: `${prefix}task_execution_metadata`,
      since: metadataSince,
      columns: [['id', 'bigint not null'], key, ['task_execution_manifest', 'text']],
      constraints: ['primary key (id)', `constraint ${prefix}task_metadata_fk ${ofExecution}`],
    },
  ];
}

/** Tables of Spring Batch: version 4 without prefix, version 5 with `boot3_`. */
function batchTables(prefix: '' | 'boot3_', since: number): Table[] {
  const version4 = prefix === '';
  const instance = `${prefix}batch_job_instance`;
  const job = `${prefix}batch_job_execution`;
  const step = `${prefix}batch_step_execution`;
  const ofJob = `foreign key (job_execution_id) references ${job} (job_execution_id)`;
  const exit: Column[] = [
    ['exit_code', 'varchar(2500)'],
    ['exit_message', 'varchar(2500)'],
    ['last_updated', TIMESTAMP],
  ];
  return [
    {
      name: instance,
      since,
      columns: [
        ['job_instance_id', 'bigint not null'],
        ['version', 'bigint'],
        ['job_name', 'varchar(100) not null'],
        ['job_key', 'varchar(32) not null'],
      ],
      constraints: ['primary key (job_instance_id)', `constraint ${prefix}job_inst_un unique (job_name, job_key)`],
    },
    {
      name: job,
      since,
      columns: [
        ['job_execution_id', 'bigint not null'],
        ['version', 'bigint'],
        ['job_instance_id', 'bigint not null'],
        ['create_time', `${TIMESTAMP} not null`],
        ['start_time', TIMESTAMP],
        ['end_time', TIMESTAMP],
        ['status', 'varchar(10)'],
        ...exit,
        ...(version4 ? [['job_configuration_location', 'varchar(2500)'] as const] : []),
      ],
      constraints: [
        'primary key (job_execution_id)',
        `constraint ${prefix}job_inst_exec_fk foreign key (job_instance_id) references ${instance} (job_instance_id)`,
      ],
    },
    {
      name: `${job}_params`,
      since,
      columns: [['job_execution_id', 'bigint not null'], ...(version4 ? PARAMETERS_4 : PARAMETERS_5)],
      constraints: [`constraint ${prefix}job_exec_params_fk ${ofJob}`],
    },
    {
      name: step,
      since,
      columns: [
        ['step_execution_id', 'bigint not null'],
        ['version', 'bigint not null'],
        ['step_name', 'varchar(100) not null'],
        ['job_execution_id', 'bigint not null'],
        ...(version4 ? [] : [['create_time', `${TIMESTAMP} not null`] as const]),
        ['start_time', version4 ? `${TIMESTAMP} not null` : TIMESTAMP],
        ['end_time', TIMESTAMP],
        ['status', 'varchar(10)'],
        ...JOB_COUNTERS.map((name): Column => [name, 'bigint']),
        ...exit,
      ],
      constraints: ['primary key (step_execution_id)', `constraint ${prefix}job_exec_step_fk ${ofJob}`],
    },
    contextTable(`${step}_context`, 'step_execution_id', step, `${prefix}step_exec_ctx_fk`, since),
    contextTable(`${job}_context`, 'job_execution_id', job, `${prefix}job_exec_ctx_fk`, since),
  ];
}

const PARAMETERS_4: readonly Column[] = [
  ['type_cd', 'varchar(6) not null'],
  ['key_name', 'varchar(100) not null'],
  ['string_val', 'varchar(250)'],
  ['date_val', TIMESTAMP],
  ['long_val', 'bigint'],
  ['double_val', 'double precision'],
  ['identifying', 'char(1) not null'],
];

const PARAMETERS_5: readonly Column[] = [
  ['parameter_name', 'varchar(100) not null'],
  ['parameter_type', 'varchar(100) not null'],
  ['parameter_value', 'varchar(2500)'],
  ['identifying', 'char(1) not null'],
];

function contextTable(name: string, key: string, owner: string, foreignKey: string, since: number): Table {
  return {
    name,
    since,
    columns: [
      [key, 'bigint not null'],
      ['short_context', 'varchar(2500) not null'],
      ['serialized_context', 'text'],
    ],
    constraints: [`primary key (${key})`, `constraint ${foreignKey} foreign key (${key}) references ${owner} (${key})`],
  };
}

/** Every table, in an order in which they can be created. */
export const TABLES: readonly Table[] = [
  ...OWN_TABLES,
  ...taskTables('', 1, 2),
  ...batchTables('', 1),
  ...taskTables('boot3_', 7, 7),
  ...batchTables('boot3_', 7),
];

/** Sequence names with the step that brought them; all start at 1 and go up by 1. */
export const SEQUENCES: readonly (readonly [name: string, since: number])[] = [
  ['hibernate_sequence', 1],
  ['task_seq', 1],
  ['batch_job_seq', 1],
  ['batch_job_execution_seq', 1],
  ['batch_step_execution_seq', 1],
  ['task_execution_metadata_seq', 2],
  ['boot3_task_seq', 7],
  ['boot3_task_execution_metadata_seq', 7],
  ['boot3_batch_job_seq', 7],
  ['boot3_batch_job_execution_seq', 7],
  ['boot3_batch_step_execution_seq', 7],
];

/** Index name, table and column, with the step that brought it. */
export const INDEXES: readonly (readonly [name: string, table: string, column: string, since: number])[] = [
  ['step_name_idx', 'batch_step_execution', 'step_name', 4],
  ['task_execution_id_idx', 'task_execution_params', 'task_execution_id', 5],
  ...(['', 'boot3_'] as const).flatMap(
    (prefix) =>
      [
        [`${prefix}batch_step_execution_job_execution_id_ix`, `${prefix}batch_step_execution`, 'job_execution_id', 12],
        [`${prefix}task_task_batch_job_execution_id_ix`, `${prefix}task_task_batch`, 'job_execution_id', 12],
        [`${prefix}batch_job_execution_start_time_ix`, `${prefix}batch_job_execution`, 'start_time', 12],
        [`${prefix}task_execution_parent_ix`, `${prefix}task_execution`, 'parent_execution_id', 13],
      ] as const,
  ),
];

function columnsOf(table: string, ...without: string[]): string[] {
  const found = TABLES.find(({ name }) => name === table);
  return (found?.columns ?? []).map(([name]) => name).filter((name) => !without.includes(name));
}

/** The views that step 8 brought. */
export const VIEWS: readonly UnionView[] = [
  { name: 'aggregate_task_execution', table: 'task_execution', columns: columnsOf('task_execution') },
  {
    name: 'aggregate_task_execution_params',
    table: 'task_execution_params',
    columns: columnsOf('task_execution_params'),
  },
  { name: 'aggregate_task_batch', table: 'task_task_batch', columns: columnsOf('task_task_batch') },
  {
    name: 'aggregate_job_execution',
    table: 'batch_job_execution',
    columns: columnsOf('batch_job_execution', 'job_configuration_location'),
  },
  { name: 'aggregate_job_instance', table: 'batch_job_instance', columns: columnsOf('batch_job_instance') },
  { name: 'aggregate_step_execution', table: 'batch_step_execution', columns: columnsOf('batch_step_execution') },
];

/** Columns whose real text SCDF keeps in large objects; pre-releases of 2.11.0 gave them the type `oid` or `bigint`. */
export const LARGE_OBJECT_COLUMNS: readonly (readonly [table: string, column: string])[] = [
  ['app_registration', 'uri'],
  ['app_registration', 'metadata_uri'],
  ['stream_definitions', 'definition'],
  ['stream_definitions', 'original_definition'],
  ['task_definitions', 'definition'],
];
