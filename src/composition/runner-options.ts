import type { ConfigurationProperty } from '../registry/metadata/app-metadata.js';
import { firstSentence } from '../registry/metadata/first-sentence.js';

const ELSEWHERE = 'Taken but not needed: the server runs composed tasks itself.';
const NO_THREADS = 'Taken but not needed: the server has no threads for branches.';

type Row = readonly [id: string, type: string, defaultValue: unknown, description: string];

/** In the order in which SCDF 2.11.5 answers them, and of the types that it says. */
const ROWS: readonly Row[] = [
  ['oauth2-client-credentials-scopes', 'java.util.Set<java.lang.String>', null, ELSEWHERE],
  ['split-thread-keep-alive-seconds', 'java.lang.Integer', 60, NO_THREADS],
  ['dataflow-server-password', 'java.lang.String', null, ELSEWHERE],
  [
    'platform-name',
    'java.lang.String',
    null,
    'Platform account on which the children run; that of the launch by default.',
  ],
  [
    'composed-task-properties',
    'java.lang.String',
    null,
    'Properties of the children: app.<child>.…, deployer.<child>.… and version.<child>.…, comma separated.',
  ],
  ['split-thread-max-pool-size', 'java.lang.Integer', null, NO_THREADS],
  [
    'split-thread-core-pool-size',
    'java.lang.Integer',
    4,
    'How many branches of splits run at once. Must be at least the number of splits within one outermost split.',
  ],
  ['dataflow-server-access-token', 'java.lang.String', null, ELSEWHERE],
  [
    'uuid-instance-enabled',
    'java.lang.Boolean',
    false,
    'Makes each launch a job instance of its own by a random parameter ctr.id; wins over increment-instance-enabled.',
  ],
  ['oauth2-client-credentials-client-id', 'java.lang.String', null, ELSEWHERE],
  ['skip-tls-certificate-verification', 'java.lang.Boolean', false, ELSEWHERE],
  [
    'split-thread-wait-for-tasks-to-complete-on-shutdown',
    'java.lang.Boolean',
    false,
    'Taken but not needed: tasks outlive the server.',
  ],
  [
    'max-start-wait-time',
    'java.lang.Integer',
    0,
    'Milliseconds that a child may take until it starts; 0 for no limit.',
  ],
  ['dataflow-server-username', 'java.lang.String', null, ELSEWHERE],
  [
    'interval-time-between-checks',
    'java.lang.Integer',
    10000,
    'Taken but not needed: the server moves on as soon as a child has ended.',
  ],
  ['max-wait-time', 'java.lang.Integer', 0, 'Milliseconds that a child may take to its end; 0 for no limit.'],
  ['split-thread-allow-core-thread-timeout', 'java.lang.Boolean', false, NO_THREADS],
  ['dataflow-server-uri', 'java.net.URI', null, ELSEWHERE],
  [
    'composed-task-arguments',
    'java.lang.String',
    null,
    'Arguments of all children; --<child>.<name>=<value> is for one child only.',
  ],
  ['oauth2-client-credentials-token-uri', 'java.lang.String', null, ELSEWHERE],
  ['oauth2-client-credentials-client-secret', 'java.lang.String', null, ELSEWHERE],
  [
    'transaction-isolation-level',
    'java.lang.String',
    null,
    'Taken but not needed: launches of one composed task take turns.',
  ],
  ['split-thread-queue-capacity', 'java.lang.Integer', null, NO_THREADS],
  [
    'increment-instance-enabled',
    'java.lang.Boolean',
    true,
    'Makes each launch a job instance of its own by a parameter run.id that counts up.',
  ],
  ['spring.cloud.task.closecontext-enabled', 'java.lang.Boolean', false, ELSEWHERE],
  ['spring.cloud.task.parent-execution-id', 'java.lang.Long', null, ELSEWHERE],
  ['spring.cloud.task.single-instance-enabled', 'java.lang.Boolean', false, ELSEWHERE],
  ['spring.cloud.task.initialize-enabled', 'java.lang.Boolean', null, ELSEWHERE],
  ['spring.cloud.task.external-execution-id', 'java.lang.String', null, ELSEWHERE],
  ['spring.cloud.task.executionid', 'java.lang.Long', null, ELSEWHERE],
  ['spring.cloud.task.table-prefix', 'java.lang.String', 'TASK_', ELSEWHERE],
  ['spring.cloud.task.single-instance-lock-check-interval', 'java.lang.Integer', 500, ELSEWHERE],
  ['spring.cloud.task.single-instance-lock-ttl', 'java.lang.Integer', null, ELSEWHERE],
];

/** What SCDF's composed-task-runner can be told, with what it means here. */
export const RUNNER_OPTIONS: readonly ConfigurationProperty[] = ROWS.map(([id, type, defaultValue, description]) => ({
  id,
  name: id.slice(id.lastIndexOf('.') + 1),
  type,
  description,
  shortDescription: firstSentence(description),
  defaultValue,
  hints: { keyHints: [], keyProviders: [], valueHints: [], valueProviders: [] },
  deprecation: null,
  deprecated: false,
}));
