import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reasonOf } from './demo-problem.js';
import { buildWithMaven, mavenHere } from './maven.js';
import type { Output } from './output.js';
import type { RestClient } from './rest-client.js';
import { VERSION } from './sample-apps.js';
import { durationBetween } from './table.js';

interface Step {
  readonly stepName: string;
  readonly status: string;
  readonly readCount: number;
  readonly writeCount: number;
  readonly filterCount: number;
  readonly commitCount: number;
  readonly startTime: string | null;
  readonly endTime: string | null;
}

interface JobExecution {
  readonly name: string;
  readonly jobExecution: { readonly status: string; readonly stepExecutions: readonly Step[] };
}

const NAME = 'demo-batch';

/** A JVM, Spring and a database pool have to start, ms. */
const TIMEOUT = 300_000;

/**
 * The chapter of a real Spring Batch application: built with Maven, launched, its jobs and steps read back from the tables
 * that it wrote itself. Without Java and Maven, or when they cannot build it, one line says so.
 * @returns false when it ran and did not end well
 */
export async function tellSpringBatch(
  client: RestClient,
  output: Output,
  projectDirectory: string,
  cacheDirectory: string,
): Promise<boolean> {
  const maven = await mavenHere();
  if (!maven.available) {
    output.line();
    output.note(`Left out: a real Spring Batch job, because ${maven.reason}.`);
    return true;
  }
  output.chapter('Run a real Spring Batch job');
  const jar = await buildJar(output, projectDirectory, cacheDirectory);
  if (jar === undefined) return true;
  return await launchSpringBatch(client, output, { name: NAME, uri: pathToFileURL(jar).href, properties: '' });
}

/** A Spring Boot 3 application with a Spring Batch job. */
interface BatchApp {
  /** Of app and task. */
  readonly name: string;
  readonly uri: string;
  /** Launch properties: `key=value,other=value`. */
  readonly properties: string;
}

/**
 * Registers, defines and launches it, and shows its jobs and steps.
 * @returns whether it completed
 */
export async function launchSpringBatch(client: RestClient, output: Output, app: BatchApp): Promise<boolean> {
  const { name, uri, properties } = app;
  await client.register(name, VERSION, { uri, bootVersion: '3' });
  await client.define(name, name, 'A Spring Batch job of two steps');
  const launched = await client.launch(name, { properties, arguments: `run.id=${Date.now()},java.lang.Long` });
  output.line(`${name}: launched as execution ${launched.executionId}; a JVM needs a few seconds`);
  const execution = await client.follow(launched, ({ endTime }) => endTime !== null, TIMEOUT);
  output.line(`${execution.taskExecutionStatus}, exit code ${execution.exitCode ?? '-'}`);
  for (const id of execution.jobExecutionIds) {
    const job = await client.get<JobExecution>(`/jobs/executions/${id}?schemaTarget=${execution.schemaTarget}`);
    output.line();
    output.line(`Job ${job.name}, execution ${id}: ${job.jobExecution.status}`);
    tellSteps(output, job.jobExecution.stepExecutions);
  }
  if (execution.taskExecutionStatus === 'COMPLETE') return true;
  output.excerpt((await client.log(execution)).slice(-20));
  return false;
}

async function buildJar(output: Output, projectDirectory: string, cacheDirectory: string): Promise<string | undefined> {
  output.note('Maven builds the application; the first time takes a minute or two');
  try {
    const sources = join(projectDirectory, 'test', 'compat', 'applications');
    const built = await buildWithMaven('applications', sources, cacheDirectory);
    return join(built, 'timestamp-batch-boot3', 'target', 'timestamp-batch-task3-1.0.0.jar');
  } catch (error) {
    output.line(`Left out, because ${reasonOf(error).trim().split('\n').slice(0, 3).join(' ')}`);
    return undefined;
  }
}

function tellSteps(output: Output, steps: readonly Step[]): void {
  output.table(
    [
      { title: 'Step' },
      { title: 'State' },
      { title: 'Read', align: 'right' },
      { title: 'Written', align: 'right' },
      { title: 'Filtered', align: 'right' },
      { title: 'Commits', align: 'right' },
      { title: 'Took', align: 'right' },
    ],
    steps.map((step) => [
      step.stepName,
      step.status,
      ...[step.readCount, step.writeCount, step.filterCount, step.commitCount].map(String),
      durationBetween(step.startTime, step.endTime),
    ]),
  );
}
