import { describe, expect, it } from '@jest/globals';
import type { ContainerState, JobObject, PodObject } from '../wire.js';
import { jobSight } from './job-sight.js';
import { podSight, runsOn } from './pod-sight.js';
import { jobRecord, podRecord } from './records.js';

const T1 = '2026-01-01T00:00:01Z';
const T2 = '2026-01-01T00:00:02Z';
const at = (text: string) => Date.parse(text);

interface Changes {
  readonly status?: PodObject['status'];
  readonly spec?: PodObject['spec'];
  readonly metadata?: Partial<PodObject['metadata']>;
  readonly main?: ContainerState & { readonly restarts?: number; readonly last?: ContainerState };
  readonly beside?: ContainerState;
}

function pod({ status, spec, metadata, main, beside }: Changes) {
  const { restarts = 0, last = {}, ...state } = main ?? {};
  const own = { name: 'task-1', image: 'app:1', restartCount: restarts, state, lastState: last };
  const containerStatuses = [...(beside ? [{ name: 'beside', state: beside }] : []), ...(main ? [own] : [])];
  const names = [...(beside ? [{ name: 'beside', image: 'proxy:1' }] : []), { name: 'task-1', image: 'app:1' }];
  return podRecord({
    metadata: { name: 'task-1', labels: { 'spring-app-id': 'task-1' }, ...metadata },
    spec: { restartPolicy: 'Never', nodeName: 'node', containers: names, ...spec },
    status: { phase: 'Running', containerStatuses, ...status },
  });
}

const running: ContainerState = { running: { startedAt: T1 } };
const ended = (
  exitCode: number,
  reason = exitCode === 0 ? 'Completed' : 'Error',
  message?: string,
): ContainerState => ({
  terminated: { exitCode, reason, startedAt: T1, finishedAt: T2, ...(message === undefined ? {} : { message }) },
});
const waiting = (reason: string, message?: string): ContainerState => ({
  waiting: { reason, ...(message === undefined ? {} : { message }) },
});
const pending = { phase: 'Pending' };
const failed = { phase: 'Failed' };
const unscheduled = [
  {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/3 nodes are available',
    lastTransitionTime: T1,
  },
];
const disrupted = (reason: string) => [{ type: 'DisruptionTarget', status: 'True', reason, message: 'said so' }];

describe('podSight', () => {
  it.each<[string, Changes, object]>([
    ['just created', { status: pending, spec: {} }, { phase: 'waiting', reason: undefined }],
    [
      'being created',
      { status: pending, main: waiting('ContainerCreating') },
      { phase: 'waiting', obstacle: undefined },
    ],
    ['running', { main: running }, { phase: 'running', startedAt: at(T1), endedAt: undefined }],
    [
      'succeeded',
      { status: { phase: 'Succeeded' }, main: ended(0) },
      { phase: 'succeeded', exitCode: 0, startedAt: at(T1), endedAt: at(T2), reason: undefined },
    ],
    ['failed', { status: failed, main: ended(3) }, { phase: 'failed', exitCode: 3, reason: 'ended with exit code 3' }],
    [
      'failed with a last word',
      { status: failed, main: ended(1, 'Error', 'no such file\n') },
      { phase: 'failed', reason: 'ended with exit code 1: no such file' },
    ],
    [
      'out of memory',
      { status: failed, main: ended(137, 'OOMKilled') },
      { reason: 'OOMKilled: the container needed more memory than its limit allows (exit code 137)' },
    ],
    [
      'killed by its deletion',
      { metadata: { deletionTimestamp: T2 }, main: ended(143) },
      { phase: 'failed', reason: 'the pod was deleted by someone else; killed by signal SIGTERM (exit code 143)' },
    ],
    [
      'killed by its deletion, which may be that of its job',
      {
        metadata: { deletionTimestamp: T2, ownerReferences: [{ kind: 'Job', name: 'task-1', controller: true }] },
        main: ended(137),
      },
      { phase: 'failed', reason: 'the pod was deleted; killed by signal SIGKILL (exit code 137)' },
    ],
    [
      'deleted after its end',
      { metadata: { deletionTimestamp: '2026-01-01T01:00:00Z' }, status: failed, main: ended(143) },
      { phase: 'failed', reason: 'killed by signal SIGTERM (exit code 143)' },
    ],
    ['killed', { status: failed, main: ended(143) }, { reason: 'killed by signal SIGTERM (exit code 143)' }],
    [
      'a program that is not there',
      { status: failed, main: ended(128, 'StartError', 'exec: "x": not found') },
      { reason: 'StartError: the container cannot be started: exec: "x": not found (exit code 128)' },
    ],
    [
      'evicted',
      { status: { ...failed, reason: 'Evicted', message: 'The node was low on resource: memory.' }, main: ended(137) },
      {
        phase: 'failed',
        exitCode: 137,
        reason: 'Evicted: the node evicted the pod: The node was low on resource: memory.',
      },
    ],
    [
      'past its deadline, ending',
      { status: { ...failed, reason: 'DeadlineExceeded' }, main: running },
      { phase: 'running' },
    ],
    [
      'past its deadline',
      { status: { ...failed, reason: 'DeadlineExceeded', message: 'too long' }, main: ended(143) },
      { phase: 'failed', exitCode: 143, reason: expect.stringMatching(/^DeadlineExceeded: the pod ran longer/) },
    ],
    [
      'on a lost node',
      { status: { ...failed, reason: 'NodeLost' }, main: running },
      { phase: 'failed', reason: 'NodeLost: the node of the pod was lost' },
    ],
    [
      'taken from a lost node',
      {
        status: { ...failed, conditions: disrupted('DeletionByTaintManager') },
        main: ended(137, 'ContainerStatusUnknown'),
      },
      { reason: expect.stringMatching(/^node lost: .*\(said so\); ContainerStatusUnknown: /) },
    ],
    [
      'stopped on request',
      {
        metadata: { annotations: { 'millrace/stopped-at': T2 } },
        status: { ...failed, reason: 'DeadlineExceeded' },
        main: ended(143),
      },
      { phase: 'failed', exitCode: 143, reason: 'stopped on request' },
    ],
    [
      'a malformed image name',
      { status: pending, main: waiting('InvalidImageName', 'cannot parse') },
      {
        phase: 'waiting',
        reason: "InvalidImageName: the image name 'app:1' is malformed: cannot parse",
        obstacle: { kind: 'image-name' },
      },
    ],
    [
      'an image that is not there',
      { status: pending, main: waiting('ImagePullBackOff', 'not found') },
      {
        phase: 'waiting',
        reason: "ImagePullBackOff: the image 'app:1' cannot be pulled: not found",
        obstacle: { kind: 'image' },
      },
    ],
    [
      'a Secret that is not there',
      { status: pending, main: waiting('CreateContainerConfigError', 'secret "x" not found') },
      { obstacle: { kind: 'configuration' }, reason: expect.stringContaining('secret "x" not found') },
    ],
    [
      'an image of another container',
      { status: pending, main: waiting('ContainerCreating'), beside: waiting('ErrImagePull') },
      { reason: "ErrImagePull: the image 'proxy:1' cannot be pulled" },
    ],
    [
      'no node',
      { status: { ...pending, conditions: unscheduled }, spec: { nodeName: '' } },
      {
        phase: 'waiting',
        obstacle: { kind: 'unschedulable', since: at(T1) },
        reason: expect.stringContaining('0/3 nodes'),
      },
    ],
    [
      'being deleted before its start',
      { metadata: { deletionTimestamp: T2 }, status: pending, main: waiting('ErrImagePull') },
      { obstacle: undefined },
    ],
    [
      'a failed init container',
      {
        status: { ...failed, initContainerStatuses: [{ name: 'before', state: ended(5) }] },
        main: waiting('PodInitializing'),
      },
      { phase: 'failed', exitCode: undefined, reason: "the init container 'before' failed: ended with exit code 5" },
    ],
    [
      'between two attempts',
      {
        spec: { restartPolicy: 'OnFailure' },
        status: { startTime: T1 },
        main: { ...waiting('CrashLoopBackOff'), restarts: 2, last: ended(1) },
      },
      { phase: 'running', startedAt: at(T1), reason: undefined },
    ],
    ['failed, to be tried again', { spec: { restartPolicy: 'OnFailure' }, main: ended(1) }, { phase: 'running' }],
    [
      'succeeded after attempts',
      { spec: { restartPolicy: 'OnFailure' }, main: { ...ended(0), restarts: 1 } },
      { phase: 'succeeded' },
    ],
    ['succeeded beside one that runs', { main: ended(0), beside: running }, { phase: 'succeeded', exitCode: 0 }],
    ['failed beside one that runs', { main: ended(2), beside: running }, { phase: 'failed', exitCode: 2 }],
    [
      'succeeded beside one that failed',
      { status: failed, main: ended(0), beside: ended(1) },
      { phase: 'succeeded', exitCode: 0 },
    ],
    [
      'failed without a trace',
      { status: failed },
      { phase: 'failed', exitCode: undefined, reason: 'the pod failed; the cluster gives no reason' },
    ],
  ])('%s', (_, changes, expected) => {
    expect(podSight(pod(changes))).toMatchObject(expected);
  });

  it('knows what runs on beside a main container that is over', () => {
    expect(runsOn(pod({ main: ended(0), beside: running }))).toBe(true);
    expect(runsOn(pod({ main: running, beside: running }))).toBe(false);
    expect(runsOn(pod({ status: failed, main: ended(0), beside: ended(1) }))).toBe(false);
  });
});

function job(status: NonNullable<JobObject['status']>, changes: Partial<JobObject> = {}) {
  return jobRecord({ metadata: { name: 'task-1' }, ...changes, status });
}
const over = (type: 'Complete' | 'Failed', reason = '') => ({
  conditions: [{ type, status: 'True', reason, message: `${type} it is`, lastTransitionTime: T2 }],
});

describe('jobSight', () => {
  const failedPod = pod({ status: failed, main: ended(4) });
  it.each<[string, Parameters<typeof jobSight>, object]>([
    ['just created', [job({}), [], undefined], { phase: 'waiting' }],
    [
      'whose pod runs',
      [job({ active: 1 }), [pod({ main: running })], undefined],
      { phase: 'running', startedAt: at(T1) },
    ],
    [
      'of which only a pod is known',
      [undefined, [pod({ status: { phase: 'Succeeded' }, main: ended(0) })], undefined],
      { phase: 'running' },
    ],
    ['between attempts', [job({ failed: 1, startTime: T1 }), [failedPod], undefined], { phase: 'running' }],
    [
      'whose pod waits after an attempt',
      [job({ failed: 1 }), [failedPod, pod({ status: pending })], undefined],
      { phase: 'running' },
    ],
    [
      'whose pod cannot start',
      [job({ active: 1 }), [pod({ status: pending, main: waiting('ErrImagePull') })], undefined],
      { phase: 'waiting', obstacle: { kind: 'image' } },
    ],
    [
      'complete',
      [job({ ...over('Complete'), succeeded: 1, completionTime: T2 }), [], undefined],
      { phase: 'succeeded', exitCode: 0, endedAt: at(T2) },
    ],
    [
      'without attempts left',
      [job({ ...over('Failed', 'BackoffLimitExceeded'), failed: 2 }), [failedPod], undefined],
      {
        phase: 'failed',
        exitCode: 4,
        reason:
          'BackoffLimitExceeded: no attempt is left (backoffLimit); 2 attempts failed, the last: ended with exit code 4',
      },
    ],
    [
      'whose last pod is gone',
      [
        job({ ...over('Failed', 'BackoffLimitExceeded'), failed: 1 }),
        [],
        { exitCode: 7, reason: 'ended with exit code 7' },
      ],
      { exitCode: 7, reason: 'BackoffLimitExceeded: no attempt is left (backoffLimit); ended with exit code 7' },
    ],
    [
      'past its deadline',
      [job(over('Failed', 'DeadlineExceeded')), [], undefined],
      { phase: 'failed', reason: expect.stringMatching(/^DeadlineExceeded: the job ran/) },
    ],
    [
      'stopped on request',
      [
        job(over('Failed', 'BackoffLimitExceeded'), {
          metadata: { name: 'task-1', annotations: { 'millrace/stopped-at': T2 } },
        }),
        [failedPod],
        undefined,
      ],
      { phase: 'failed', exitCode: 4, reason: 'stopped on request' },
    ],
    [
      'whose one success is there',
      [job({ active: 1 }), [pod({ main: ended(0), beside: running })], undefined],
      { phase: 'succeeded', endedAt: at(T2) },
    ],
    [
      'which needs more successes',
      [job({ active: 1 }, { spec: { completions: 3 } }), [pod({ main: ended(0) })], undefined],
      { phase: 'running' },
    ],
    [
      'failed beside its success',
      [job(over('Failed', 'BackoffLimitExceeded')), [pod({ status: failed, main: ended(0) })], undefined],
      { phase: 'succeeded' },
    ],
  ])('%s', (_, [record, pods, last], expected) => {
    expect(jobSight(record, pods, last)).toMatchObject(expected);
  });
});
