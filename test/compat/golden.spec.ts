import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mavenHere } from '../support/maven.js';
import type { ServerProcess } from '../support/server-process.js';
import { differences } from './differences.js';
import { recordedExchanges, titleOf, unrecordedSteps } from './exchanges.js';
import { Identities } from './identities.js';
import { Replay } from './replay.js';
import type { ReplayStep } from './replay.js';
import { needsApplications, pathsOfPendingSets, pendingTagOf, standIns, taggedSets } from './tags.js';
import { buildApplications, dataDirectory, replayTarget } from './target.js';
import { problemsOf } from './verdict.js';

const exchanges = recordedExchanges();
const target = replayTarget();
const maven = await mavenHere();
const pending = exchanges.filter((exchange) => pendingTagOf(exchange.number, target.pending) !== undefined);
const skipped = maven.available
  ? []
  : exchanges.filter((exchange) => !pending.includes(exchange) && needsApplications(exchange.number));

/**
 * Each test is one exchange, and they build on each other: a failure early in the list explains failures later on, and a
 * single test cannot be run on its own.
 */
describe(`the recorded exchanges of SCDF 2.11.5, replayed to ${target.name}`, () => {
  let server: ServerProcess | undefined;
  let replay: Replay;
  let data: Awaited<ReturnType<typeof dataDirectory>>;

  beforeAll(async () => {
    data = await dataDirectory();
    const applications = maven.available ? await buildApplications() : '/nowhere/apps';
    server = await target.start(data.path);
    replay = new Replay({
      baseUrl: server.baseUrl,
      identities: new Identities([
        { recorded: 'http://127.0.0.1:9393', actual: server.baseUrl },
        { recorded: 'file:///apps/', actual: `file://${applications}/` },
        { recorded: 'file:/apps/', actual: `file:${applications}/` },
        { recorded: '/data/', actual: `${data.path}/` },
      ]),
      steps: stepsOfReplay(),
      applications: maven.available,
      jobLinks: target.jobLinks,
    });
    reportWhatIsLeftOut();
  }, 40 * 60_000);

  afterAll(async () => {
    await server?.stop();
    await data.remove();
  }, 120_000);

  for (const exchange of exchanges) {
    const tag = pendingTagOf(exchange.number, target.pending);
    if (tag !== undefined) {
      it.todo(`${titleOf(exchange)} (pending: ${tag})`);
    } else if (skipped.includes(exchange)) {
      it.skip(titleOf(exchange), () => undefined);
    } else {
      it(
        titleOf(exchange),
        async () => {
          const { answer, mismatches } = await replay.play(exchange);
          const uncompared = pathsOfPendingSets(exchange.number, target.pending);
          const listed = target.differencesOf(exchange.number);
          const problems = problemsOf(exchange, answer, mismatches, listed, uncompared);
          if (problems.length > 0) {
            throw new Error(describeFailure(problems, answer.status, answer.text));
          }
        },
        120_000,
      );
    }
  }

  it('lists differences of recorded exchanges only', () => {
    const known = new Set(exchanges.map((exchange) => exchange.number));
    const unknown = differences.flatMap((difference) => difference.exchanges).filter((number) => !known.has(number));
    expect(unknown).toEqual([]);
  });
});

/** The steps of the recording and what stands in for exchanges that are pending. */
function stepsOfReplay(): ReplayStep[] {
  const standInSteps = pending.flatMap((exchange) => {
    const body = standIns[exchange.number];
    const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' };
    return body === undefined
      ? []
      : [{ before: exchange.number, request: { method: 'POST', path: '/tasks/executions/launch', headers, body } }];
  });
  const secondJobRuns = {
    before: 381,
    waitForJobs: { taskExecution: 17, count: target.pending.includes('job-control') ? 1 : 2 },
  };
  return [...unrecordedSteps(), ...standInSteps, secondJobRuns];
}

function describeFailure(problems: readonly string[], status: number, body: string): string {
  const shown = problems.slice(0, 25).map((problem) => `  ${problem}`);
  const more = problems.length > shown.length ? [`  … and ${problems.length - shown.length} more`] : [];
  return [`${problems.length} problems:`, ...shown, ...more, `answer: ${status} ${body.slice(0, 600)}`].join('\n');
}

function reportWhatIsLeftOut(): void {
  const lines = [`${exchanges.length} exchanges, ${pending.length} of them pending:`];
  for (const tag of target.pending) {
    const count = pending.filter((exchange) => taggedSets[tag].exchanges.includes(exchange.number)).length;
    lines.push(`  ${tag}: ${count} (${taggedSets[tag].about})`);
  }
  if (!maven.available) {
    lines.push(`SKIPPED: ${skipped.length} exchanges that need the sample applications, because ${maven.reason}`);
  }
  console.log(lines.join('\n'));
}
