/**
 * Where a launch on Kubernetes becomes something else than with SCDF 2.11.5, on purpose. The list is complete: any other
 * difference fails the replay, and so does an entry that no case uses any more. docs/compatibility.md says the same in prose.
 */
export interface KubernetesDifference {
  readonly cases: readonly string[];
  readonly why: string;
  /** How the row of docs/compatibility.md begins that says so. */
  readonly row: string;
  /** SCDF made an object, Millrace refuses the launch with a message that contains this. */
  readonly refused?: string;
  /** SCDF refused the launch, or the API server its object; Millrace makes one. */
  readonly accepted?: true;
  /** Decided before or after the object is built; the tests that hold it there, as `<file>: <title>`. */
  readonly elsewhere?: readonly string[];
  /** Path of the object to what Millrace writes there; {@link ANY} where the value is tested elsewhere; a last `**` for all below. */
  readonly made?: Readonly<Record<string, unknown>>;
}

export const ANY = Symbol('any value');

const CONTAINER = 'spec/containers/0';
const MATCH_LABELS =
  'spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/0/labelSelector/matchLabels';

const unknownName =
  'SCDF ignores a name that it does not know, and the setting is lost; Millrace names the nearest one';
const silentFallback = 'SCDF takes a default for a word that it does not know; Millrace names the words there are';
const nothingLost = 'SCDF loses init containers of the account; Millrace puts those left over after the others';
const bothLevels = 'SCDF honours it for a launch only; with Millrace an account may set it too';
const anyCase = 'SCDF wants the exact case; Millrace takes the word in any';
const blankIsAbsent = 'SCDF fails for a blank value here; with Millrace a blank value counts as none everywhere';
const cutNames = 'SCDF makes names that are too long for Kubernetes; Millrace shortens them';
const everyArgument = 'SCDF drops, joins or shortens words of the arguments; with Millrace every word arrives';
const leftToApi = 'it cannot be known without the cluster, which refuses it as it refused SCDF';
const noTcpTimeout = 'SCDF drops the timeout of TCP probes';
const partialProbes = 'SCDF wants the ports of all three probes; Millrace makes those probes that have one';
const notHere = 'decided by the launching service or the client';
const noRunner = 'SCDF starts its runner as an application; Millrace runs composed tasks itself';

/** Rows of docs/compatibility.md by their beginnings; a test looks whether they are there. */
const rows = {
  unknownNames: 'unknown names below `kubernetes.` are ignored',
  unknownWords: 'unknown words (`entryPointStyle`',
  flatInit: '`initContainer.environmentVariables` cannot be set',
  noImage: 'an app that is no image',
  numbers: 'negative `terminationGracePeriodSeconds`',
  exactCase: '`restartPolicy` and probe schemes only in exact case',
  blanks: 'a blank `requests.*`',
  quotes: '`environmentVariables` of an account as text',
  initMounts: 'volumes that only init containers mount',
  longNames: 'task names over 52 characters',
  probes: 'COMMAND probes are checked and left out',
  arguments: 'arguments without `=` are dropped',
  cluster: 'what only the cluster can know',
  generic: '`memory` and `cpu` without `limits.` are ignored',
  longForm: 'the long form of a name',
  lists: 'lists without brackets keep',
  slashes: '`/` in a key',
  levels: '`createJob`, `appAdmin`',
  initContainers: 'init containers of the account get lost',
  lifecycle: 'a lifecycle hook of one launch',
  labels: '`deploymentLabels`: the account wins',
  mistakes: '500 for most mistakes of a client',
  pinning: 'a task launched on one platform can never',
  limit: 'at the concurrency limit: 500',
  composed: 'a composed task starts an application of its own',
  ephemeral: 'Additions: `activeDeadlineSeconds`, `limits.ephemeralStorage`',
} as const;

export const kubernetesDifferences: readonly KubernetesDifference[] = [
  // What Millrace refuses
  {
    cases: ['base-unknown-property'],
    row: rows.unknownNames,
    refused: "'kubernetes.noSuchThing' is unknown",
    why: unknownName,
  },
  {
    cases: ['pod-count-ignored', 'job-group'],
    row: rows.unknownNames,
    refused: "'kubernetes.x' is unknown",
    why: unknownName,
  },
  {
    cases: ['job-unsupported-fields'],
    row: rows.unknownNames,
    refused: "'kubernetes.suspend' is unknown",
    why: unknownName,
  },
  {
    cases: ['resources-kebab'],
    row: rows.unknownNames,
    refused: "Did you mean 'kubernetes.limits.memory'?",
    why: unknownName,
  },
  {
    cases: ['nodeSelector-old-deployment-key'],
    row: rows.unknownNames,
    refused: "Did you mean 'kubernetes.nodeSelector'?",
    why: unknownName,
  },
  {
    cases: ['pod-termination-grace-old-name'],
    row: rows.unknownNames,
    refused: "Did you mean 'kubernetes.terminationGracePeriodSeconds'?",
    why: unknownName,
  },
  {
    cases: ['pull-policy-bad-over-account'],
    row: rows.unknownWords,
    refused: "the value 'Sometimes'. It must be one of Always, IfNotPresent, Never.",
    why: silentFallback,
  },
  {
    cases: ['entrypoint-bad', 'entrypoint-bad-over-account'],
    row: rows.unknownWords,
    refused: "the value 'weird'. It must be one of exec, shell, boot.",
    why: silentFallback,
  },
  {
    cases: ['volumes-unknown-kind'],
    row: rows.unknownWords,
    refused: "'fooDisk' in [0] is none",
    why: 'SCDF drops a field that it does not know, and mounts an empty directory instead of the volume that was meant',
  },
  {
    cases: ['containers-init-flat-name-only'],
    row: rows.flatInit,
    refused: 'an init container with an imageName',
    why: 'SCDF leaves the init container out without a word',
  },
  {
    cases: ['image-maven', 'image-http'],
    row: rows.noImage,
    refused: 'which Kubernetes cannot run',
    why: 'SCDF takes the address of a jar for the name of an image, and the pod hangs',
  },
  {
    cases: ['pod-termination-grace-negative'],
    row: rows.numbers,
    refused: "the value '-5'. It must be a whole number from 0",
    why: 'a time below 0 means nothing',
  },
  {
    cases: ['job-backoff-bad-on-pod'],
    row: rows.numbers,
    refused: "the value 'many'. It must be a whole number from 0",
    why: 'SCDF does not read the value unless it makes a job; Millrace reads what was written',
  },

  // What Millrace accepts
  {
    cases: ['restartPolicy-lower-case'],
    row: rows.exactCase,
    accepted: true,
    made: { 'spec/restartPolicy': 'Never' },
    why: anyCase,
  },
  {
    cases: ['job-restart-lower'],
    row: rows.exactCase,
    accepted: true,
    made: { 'spec/template/spec/restartPolicy': 'OnFailure' },
    why: anyCase,
  },
  {
    cases: ['probes-http-scheme-lower'],
    row: rows.exactCase,
    accepted: true,
    made: { [`${CONTAINER}/livenessProbe/httpGet/scheme`]: 'HTTPS' },
    why: anyCase,
  },
  {
    cases: ['resources-blank-request-over-account'],
    row: rows.blanks,
    accepted: true,
    made: { [`${CONTAINER}/resources/requests`]: { memory: '512Mi', cpu: '250m' } },
    why: blankIsAbsent,
  },
  {
    cases: ['resources-blank-request'],
    row: rows.blanks,
    accepted: true,
    made: { [`${CONTAINER}/resources/requests`]: {} },
    why: blankIsAbsent,
  },
  {
    cases: ['pod-termination-grace-blank-over-account'],
    row: rows.blanks,
    accepted: true,
    made: { 'spec/terminationGracePeriodSeconds': 15 },
    why: blankIsAbsent,
  },
  {
    cases: ['pod-termination-grace-blank'],
    row: rows.blanks,
    accepted: true,
    made: { 'spec/terminationGracePeriodSeconds': undefined },
    why: blankIsAbsent,
  },
  {
    cases: ['env-account-string'],
    row: rows.quotes,
    accepted: true,
    made: { [`${CONTAINER}/env/2`]: { name: 'C', value: 'x,y' } },
    why: 'SCDF knows quotes in launches only',
  },
  {
    cases: ['volumes-init-only-mount'],
    row: rows.initMounts,
    accepted: true,
    made: { 'spec/volumes': [{ name: 'v', hostPath: { path: '/a' } }] },
    why: 'SCDF leaves out volumes that only init containers mount, and the API server refuses the pod',
  },
  {
    cases: ['names-len-53', 'names-len-63'],
    row: rows.longNames,
    accepted: true,
    made: { 'metadata/**': ANY, [`${CONTAINER}/name`]: ANY },
    why: cutNames,
  },
  {
    cases: ['names-len-64', 'names-len-53-job', 'names-len-60-job'],
    row: rows.longNames,
    accepted: true,
    made: {},
    why: cutNames,
  },
  {
    cases: ['names-underscore'],
    row: rows.longNames,
    accepted: true,
    made: { 'metadata/labels/task-name': 'under_score' },
    why: 'SCDF refuses names that Kubernetes can have as a label',
  },
  {
    cases: ['names-trailing-dash'],
    row: rows.longNames,
    accepted: true,
    made: { 'metadata/labels/task-name': ANY, 'metadata/annotations/millrace~1task-name': 'trail-' },
    why: 'SCDF refuses names that no label can hold; Millrace keeps them in an annotation',
  },
  {
    cases: ['probes-tcp-liveness-only'],
    row: rows.probes,
    accepted: true,
    made: { [`${CONTAINER}/livenessProbe/tcpSocket/port`]: 7001, [`${CONTAINER}/startupProbe`]: undefined },
    why: partialProbes,
  },
  {
    cases: ['probes-tcp-no-liveness', 'probes-tcp-no-readiness'],
    row: rows.probes,
    accepted: true,
    made: { [`${CONTAINER}/startupProbe/tcpSocket/port`]: 7003 },
    why: partialProbes,
  },
  {
    cases: ['args-extra-spaces'],
    row: rows.arguments,
    accepted: true,
    made: { [`${CONTAINER}/args`]: ANY },
    why: everyArgument,
  },
  {
    cases: ['base-missing-namespace', 'pod-priority-class-missing', 'serviceAccount-missing'],
    row: rows.cluster,
    accepted: true,
    made: {},
    why: leftToApi,
  },

  // What becomes another object
  {
    cases: ['base-generic-memory-ignored'],
    row: rows.generic,
    made: { [`${CONTAINER}/resources`]: { limits: { memory: '512Mi', cpu: '3' } } },
    why: 'SCDF ignores the generic memory and cpu on Kubernetes; with Millrace they are limits where there are no others',
  },
  {
    cases: ['base-server-wide-key'],
    row: rows.longForm,
    made: { [`${CONTAINER}/resources`]: { limits: { memory: '1Gi' } } },
    why: 'SCDF ignores the long form of a name; Millrace takes it, as on the Local platform',
  },
  {
    cases: ['pull-policy-blank-over-account'],
    row: rows.blanks,
    made: { [`${CONTAINER}/imagePullPolicy`]: 'Always' },
    why: 'SCDF takes its own default for a blank value, and for all other properties the value of the account',
  },
  {
    cases: ['pull-secrets-csv'],
    row: rows.lists,
    made: { 'spec/imagePullSecrets/1': { name: 's2' } },
    why: 'SCDF takes only the first of several names without brackets',
  },
  {
    cases: ['pull-secrets-indexed'],
    row: rows.lists,
    made: { 'spec/imagePullSecrets': [{ name: 's1' }, { name: 's2' }] },
    why: 'SCDF reads indexed names for init containers only',
  },
  {
    cases: ['resources-ephemeral-storage'],
    row: rows.ephemeral,
    made: { [`${CONTAINER}/resources`]: { limits: { 'ephemeral-storage': '1Gi' } } },
    why: 'an addition',
  },
  {
    cases: ['affinity-dotted-label-key'],
    row: rows.slashes,
    made: { [`${MATCH_LABELS}/app.kubernetes.ioname`]: undefined, [`${MATCH_LABELS}/app.kubernetes.io~1name`]: 'x' },
    why: 'SCDF loses the slash of a key',
  },
  {
    cases: ['affinity-without-affinity-segment'],
    row: rows.levels,
    made: { 'spec/affinity': ANY },
    why: 'SCDF reads this name in accounts only',
  },
  {
    cases: [
      'containers-init-over-account-two',
      'containers-init-account-both',
      'containers-init-over-account-both',
      'containers-inits-over-account-both',
    ],
    row: rows.initContainers,
    made: { 'spec/initContainers/2': { name: 'ai2', image: ANY } },
    why: nothingLost,
  },
  {
    cases: ['containers-init-over-account-three', 'containers-init-and-inits-over-account-three'],
    row: rows.initContainers,
    made: {
      'spec/initContainers/2/name': 'ai2',
      'spec/initContainers/2/image': 'busybox:a2',
      'spec/initContainers/3': { name: 'ai3', image: 'busybox:a3' },
    },
    why: nothingLost,
  },
  {
    cases: ['lifecycle-leak-into-next-launch'],
    row: rows.lifecycle,
    made: { [`${CONTAINER}/lifecycle`]: undefined },
    why: 'SCDF keeps the hook of one launch for all later ones of the account',
  },
  {
    cases: [
      'pod-host-network-false-over-account',
      'pod-host-network-blank-over-account',
      'restartPolicy-over-account',
      'restartPolicy-blank-over-account',
    ],
    row: rows.levels,
    made: { 'spec/shareProcessNamespace': true, 'spec/priorityClassName': 'high' },
    why: bothLevels,
  },
  {
    cases: ['entrypoint-blank-over-account-boot'],
    row: rows.levels,
    made: { 'spec/shareProcessNamespace': true },
    why: bothLevels,
  },
  {
    cases: ['serviceAccount-task-service-account-ignored'],
    row: rows.levels,
    made: { 'spec/serviceAccountName': 'sa2' },
    why: 'SCDF uses it for schedules only',
  },
  {
    cases: ['labels-over-account'],
    row: rows.labels,
    made: { 'metadata/labels/shared': 'launch' },
    why: 'SCDF lets the account win over the launch here, and nowhere else',
  },
  {
    cases: ['job-request-create-job-ignored'],
    row: rows.levels,
    made: { kind: 'Job', apiVersion: 'batch/v1', 'metadata/labels/role': undefined, 'spec/**': ANY },
    why: 'SCDF reads it in accounts only',
  },
  {
    cases: ['job-request-create-job-false'],
    row: rows.levels,
    made: { kind: 'Pod', apiVersion: 'v1', 'metadata/labels/role': 'spring-app', 'spec/**': ANY },
    why: 'SCDF reads it in accounts only',
  },
  {
    cases: ['probes-command-all'],
    row: rows.probes,
    made: {
      [`${CONTAINER}/livenessProbe`]: ANY,
      [`${CONTAINER}/readinessProbe`]: ANY,
      [`${CONTAINER}/startupProbe`]: {
        exec: { command: ['ls', '/a b'] },
        ...{ initialDelaySeconds: 30, periodSeconds: 10, successThreshold: 1, failureThreshold: 10 },
      },
    },
    why: 'SCDF checks the commands and leaves the probes out',
  },
  {
    cases: ['probes-tcp-timeouts'],
    row: rows.probes,
    made: {
      [`${CONTAINER}/livenessProbe/timeoutSeconds`]: 9,
      [`${CONTAINER}/readinessProbe/timeoutSeconds`]: 8,
      [`${CONTAINER}/startupProbe/timeoutSeconds`]: 7,
    },
    why: noTcpTimeout,
  },
  {
    cases: ['relaxed-first-upper'],
    row: rows.exactCase,
    made: { [`${CONTAINER}/imagePullPolicy`]: 'Always' },
    why: 'SCDF ignores a name that begins with a capital',
  },
  {
    cases: ['args-no-equals-two', 'args-joined', 'args-quoted-last', 'args-three-words', 'args-four-tokens-quoted'],
    row: rows.arguments,
    made: { [`${CONTAINER}/args`]: ANY },
    why: everyArgument,
  },

  // What is not decided here
  {
    cases: ['base-unknown-platform'],
    row: rows.mistakes,
    elsewhere: ['test/api/launching.spec.ts: an unknown platform'],
    why: notHere,
  },
  {
    cases: ['base-platform-name-case'],
    row: rows.mistakes,
    elsewhere: ['test/api/launching.spec.ts: the name of a platform in another case'],
    why: notHere,
  },
  {
    cases: ['image-version-unknown'],
    row: rows.mistakes,
    elsewhere: ['test/api/launching.spec.ts: stays with the version that was asked for, until another is'],
    why: notHere,
  },
  {
    cases: ['sticky-other-platform'],
    row: rows.pinning,
    elsewhere: ['test/api/launching.spec.ts: chooses the platform anew each time'],
    why: notHere,
  },
  {
    cases: ['concurrency-limit-zero'],
    row: rows.limit,
    elsewhere: ['test/api/launching.spec.ts: that takes none refuses every launch'],
    why: notHere,
  },
  {
    cases: ['probes-credentials-no-key'],
    row: rows.cluster,
    elsewhere: ['test/cluster/server.spec.ts: of which only the cluster knows that they cannot be'],
    why: notHere,
  },
  {
    cases: ['composed-runner', 'server-composed'],
    row: rows.composed,
    elsewhere: ['test/cluster/server-composed.spec.ts: a pod for each child, none for the run itself'],
    why: noRunner,
  },
  {
    cases: ['composed-runner-properties'],
    row: rows.composed,
    elsewhere: [
      'test/cluster/server-composed.spec.ts: a pod for each child, none for the run itself',
      'src/composition/composed-properties.spec.ts: writes properties in the form that SCDF records',
    ],
    why: noRunner,
  },
];
