/** Draws an execution's status from its directory and from what the operating system says of its process. */
import { constants } from 'node:os';
import type { PlatformStatus } from '../platform.js';
import type { Claim, ExecutionDirectory, ExecutionRecord } from './execution-directory.js';
import { lastComplaint } from './execution-log.js';
import { isAlive } from './process-identity.js';

/** What a container engine says of a container. */
export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number | undefined;
  readonly endedAt: Date | undefined;
}

/** Asks the engine about an execution's container; undefined: it has none of that name. */
export type InspectContainer = (record: ExecutionRecord) => Promise<ContainerState | undefined>;

/** A claim whose line is not finished after so long was left behind by a wrapper that died in between. */
const UNFINISHED_CLAIM_LIMIT = 30_000;

/** `docker run`'s code for «the engine failed», which includes a lost connection to a container that runs on. */
const ENGINE_FAILED = 125;

type Facts = Pick<PlatformStatus, 'phase'> &
  Partial<Pick<PlatformStatus, 'startedAt' | 'endedAt' | 'exitCode' | 'reason'>>;

/** @returns the status; `gone` when the directory holds no record */
export async function readExecution(
  directory: ExecutionDirectory,
  externalExecutionId: string,
  inspect: InspectContainer,
): Promise<PlatformStatus> {
  const record = directory.record();
  const facts: Facts = record === undefined ? { phase: 'gone' } : await factsOf(directory, record, inspect);
  return {
    externalExecutionId,
    execution: record === undefined ? undefined : { id: record.executionId, schemaTarget: record.schemaTarget },
    startedAt: undefined,
    endedAt: undefined,
    exitCode: undefined,
    reason: undefined,
    ...facts,
  };
}

/** Whether nothing can change any more. */
export function isFinal({ phase }: PlatformStatus): boolean {
  return phase === 'succeeded' || phase === 'failed' || phase === 'gone';
}

async function factsOf(
  directory: ExecutionDirectory,
  record: ExecutionRecord,
  inspect: InspectContainer,
): Promise<Facts> {
  const claim = directory.claim();
  if (claim === undefined) return { phase: 'waiting' };
  if (claim.kind === 'never') return { phase: 'failed', endedAt: claim.at, reason: claim.reason };
  const ended = await endedFacts(directory, record, claim, inspect);
  if (ended !== undefined) return ended;
  if (
    claim.kind === 'process' ? await isAlive(claim.process) : Date.now() - claim.at.getTime() < UNFINISHED_CLAIM_LIMIT
  ) {
    return { phase: 'running', startedAt: claim.at };
  }
  // The wrapper may have written its last line between the two looks.
  return (await endedFacts(directory, record, claim, inspect)) ?? lostFacts(directory, record, claim, inspect);
}

async function endedFacts(
  directory: ExecutionDirectory,
  record: ExecutionRecord,
  claim: Claim,
  inspect: InspectContainer,
): Promise<Facts | undefined> {
  const exit = directory.exit();
  if (exit === undefined) return undefined;
  if (record.container !== undefined && exit.code === ENGINE_FAILED) {
    const container = await inspect(record);
    if (container !== undefined) return containerFacts(container, claim, directory);
    const said = await lastComplaint(directory.stderrFile);
    const reason = `the container engine could not run the image (exit code ${exit.code}): ${said}`;
    return { phase: 'failed', exitCode: exit.code, reason, startedAt: claim.at, endedAt: exit.at };
  }
  const grace = directory.killedAt() === undefined ? undefined : record.shutdownTimeout;
  return {
    ...exitFacts(exit.code, grace, await lastComplaintOf(directory, exit.code)),
    startedAt: claim.at,
    endedAt: exit.at,
  };
}

/** No process and no exit code: killed by us, taken over by the container engine, or vanished. */
async function lostFacts(
  directory: ExecutionDirectory,
  record: ExecutionRecord,
  claim: Claim,
  inspect: InspectContainer,
): Promise<Facts> {
  const killedAt = directory.killedAt();
  if (killedAt !== undefined) {
    return { ...exitFacts(137, record.shutdownTimeout, ''), startedAt: claim.at, endedAt: killedAt };
  }
  const container = record.container === undefined ? undefined : await inspect(record);
  if (container !== undefined) return containerFacts(container, claim, directory);
  return {
    phase: 'failed',
    startedAt: claim.at,
    endedAt: directory.markVanished(),
    reason: 'process vanished without an exit code: the machine was restarted, or the process was killed from outside',
  };
}

async function containerFacts(container: ContainerState, claim: Claim, directory: ExecutionDirectory): Promise<Facts> {
  if (container.running) return { phase: 'running', startedAt: claim.at };
  const exitCode = container.exitCode ?? 1;
  const said = await lastComplaintOf(directory, exitCode);
  return { ...exitFacts(exitCode, undefined, said), startedAt: claim.at, endedAt: container.endedAt };
}

/** What the program said last, where it failed; empty without a log. */
async function lastComplaintOf(directory: ExecutionDirectory, exitCode: number): Promise<string> {
  return exitCode === 0 ? '' : lastComplaint(directory.stderrFile);
}

/**
 * @param killedAfter grace in ms, when SIGKILL had to end the program
 * @param said the program's own last words; of one that was killed they explain nothing
 */
function exitFacts(exitCode: number, killedAfter: number | undefined, said: string): Facts {
  if (exitCode === 0) return { phase: 'succeeded', exitCode };
  if (killedAfter !== undefined && exitCode === 128 + constants.signals.SIGKILL) {
    const reason = `killed by signal SIGKILL: it did not end within ${killedAfter / 1000} s after SIGTERM`;
    return { phase: 'failed', exitCode, reason };
  }
  const signal = signalOf(exitCode);
  if (signal !== undefined) return { phase: 'failed', exitCode, reason: `killed by signal ${signal}` };
  const reason = reasonOf(exitCode);
  return { phase: 'failed', exitCode, reason: said === '' ? reason : `${reason}: ${said}` };
}

/** Shells report the death by signal n as exit code 128 + n. */
function signalOf(exitCode: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
}

/** Shells mean by 126 and 127 that there was nothing to run. */
function reasonOf(exitCode: number): string {
  if (exitCode === 126) return 'exit code 126: the command could not be executed';
  if (exitCode === 127) return 'exit code 127: a command was not found';
  return `exit code ${exitCode}`;
}
