import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DemoProblem } from './demo-problem.js';
import { type DemoServer, findOrStartServer, serverAt, shownPath, type StartOptions } from './demo-server.js';
import { type DemoOptions, parseOptions, USAGE } from './options.js';
import { Output } from './output.js';
import { RestClient } from './rest-client.js';
import { readServerSettings, type ServerSettings } from './settings.js';
import { tellSpringBatch } from './spring-batch.js';
import { Story } from './story.js';

/** The directory above `dist`, which this file is bundled into. */
const PROJECT = resolve(import.meta.dirname, '..');

await main();

/** A server with what is told on it. */
interface Scene {
  readonly server: DemoServer;
  /** @returns what went other than expected, sentences */
  readonly tell: () => Promise<readonly string[]>;
  /** Ends and removes what was made for the demo. */
  readonly end: () => Promise<void>;
}

async function main(): Promise<void> {
  const output = new Output(process.stdout, (process.env['NO_COLOR'] ?? '') !== '');
  let scene: Scene | undefined;
  const interrupted = interruption();
  // The pauses of the Kubernetes client, between tries, do not keep a process alive.
  const awake = setInterval(() => undefined, 60_000);
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) {
      process.stdout.write(USAGE);
      return;
    }
    const workingDirectory = process.cwd();
    const settings = await readServerSettings(process.env, workingDirectory);
    const start = { projectDirectory: PROJECT, workingDirectory, ...settings, signal: interrupted.signal };
    scene = await (options.kubernetes ? kubernetesScene : thisMachine)(options, start, output);
    if (scene === undefined) return;
    const { server } = scene;
    output.line(`${server.url}  ${server.product} (${server.origin})`);
    const told = await Promise.race([tell(output, scene), interrupted.promise]);
    const endsNow = options.exit && server.started !== null;
    const data = shownPath(workingDirectory, settings.dataDirectory);
    if (told !== undefined && !endsNow) await goOn(output, server, data, interrupted.promise);
  } catch (error) {
    if (!(error instanceof DemoProblem)) throw error;
    process.stderr.write(`\n${error.message}\n${error.advice}\n`);
    process.exitCode = 1;
  } finally {
    await scene?.end();
    clearInterval(awake);
    interrupted.stopListening();
  }
}

/** @returns undefined when aborted */
async function thisMachine(options: DemoOptions, start: StartOptions, output: Output): Promise<Scene | undefined> {
  output.title('Millrace: the main job, end to end');
  if (options.server === undefined)
    output.note(`looking for a server on port ${start.port}, starting one if there is none`);
  const server = await (options.server === undefined ? findOrStartServer(start) : serverAt(options.server));
  if (server === undefined) return undefined;
  const client = new RestClient(server.url);
  const tellAll = async () => {
    const story = new Story(client, output, PROJECT);
    const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace');
    const problems = await story.tell();
    const batchIsWell = await tellSpringBatch(client, output, PROJECT, cache);
    await story.showHistory();
    const all = [...problems, ...(batchIsWell ? [] : ['the Spring Batch job did not complete'])];
    if (all.length === 0) return all;
    return [
      ...all,
      'If the server runs on another machine or as another user, it cannot read the samples of this one.',
    ];
  };
  return { server, tell: tellAll, end: async () => server.started?.stop() };
}

/** @returns undefined when aborted */
async function kubernetesScene(
  options: DemoOptions,
  start: StartOptions & ServerSettings,
  output: Output,
): Promise<Scene | undefined> {
  output.title('Millrace: the main job on Kubernetes, end to end');
  const { setKubernetesScene, tellKubernetes } = await import('./kubernetes/tell.js');
  const scene = await setKubernetesScene(options, start, output);
  if (scene === undefined) return undefined;
  const end = async () => {
    await scene.server.started?.stop();
    const removed = await scene.cluster?.tidyUp();
    if (removed !== undefined && removed !== '') output.note(removed);
  };
  return { server: scene.server, tell: () => tellKubernetes(scene, options, output), end };
}

/** Tells the story; what went wrong makes the exit code 1. */
async function tell(output: Output, { tell: tellStory }: Scene): Promise<true> {
  const problems = await tellStory();
  if (problems.length > 0) {
    output.title('Not as expected');
    for (const problem of problems) output.line(problem);
    process.exitCode = 1;
  }
  return true;
}

/** Says what to open next, and leaves a server that was started for the demo up for it. */
async function goOn(output: Output, server: DemoServer, data: string, interrupted: Promise<undefined>): Promise<void> {
  output.title('Go on from here');
  output.pairs([
    ['A first page', `${server.url}/dashboard`],
    ['The API, to read and to try', `${server.url}/swagger-ui.html`],
    ['Task executions', `${server.url}/tasks/executions`],
    ['Audit records', `${server.url}/audit-records`],
  ]);
  if (server.started === null) return;
  output.line();
  output.line(`The server stays up. Ctrl-C ends it; its data stays in ${data}.`);
  const ended = await Promise.race([server.started.ended.then(() => true), interrupted]);
  if (ended === true) {
    throw new DemoProblem('The server has ended by itself.', `Its log is ${server.started.logFile}.`);
  }
  output.line('stopping the server');
}

/** Says when SIGINT or SIGTERM came. npm hands signals on that the terminal has sent already, so repeats mean nothing. */
function interruption() {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const controller = new AbortController();
  const { signal } = controller;
  const listener = () => controller.abort();
  for (const name of signals) process.on(name, listener);
  const promise = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return { promise, signal, stopListening: () => signals.forEach((name) => process.off(name, listener)) };
}
