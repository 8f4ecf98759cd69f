import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mavenHere } from '../support/maven.js';
import { differences, jobLinksDifference } from './differences.js';
import { exchangesOfOtherServers, recordedExchanges, titleOf, unrecordedSteps } from './exchanges.js';
import type { ReplayStep } from './replay.js';
import { openSession } from './session.js';
import type { Session } from './session.js';
import { needsApplications, pendingTagOf, taggedSets } from './tags.js';
import { replayTarget } from './target.js';

const exchanges = recordedExchanges();
const target = replayTarget();
const maven = await mavenHere();
const pending = new Set(exchanges.filter(({ number }) => pendingTagOf(number, target.pending) !== undefined));
const skipped = new Set(
  maven.available ? [] : exchanges.filter((exchange) => !pending.has(exchange) && needsApplications(exchange.number)),
);

/**
 * Each test is one exchange, and they build on each other: a failure early in the list explains failures later on, and a
 * single test cannot be run on its own.
 */
describe(`the recorded exchanges of SCDF 2.11.5, replayed to ${target.name}`, () => {
  let session: Session | undefined;

  beforeAll(async () => {
    reportWhatIsLeftOut();
    session = await openSession({ target, exchanges, steps: stepsOfReplay(), applications: maven.available });
  }, 40 * 60_000);

  afterAll(() => session?.close(), 120_000);

  for (const exchange of exchanges) {
    if (pending.has(exchange)) {
      it.todo(`${titleOf(exchange)} (pending: ${pendingTagOf(exchange.number, target.pending)})`);
    } else if (skipped.has(exchange)) {
      it.skip(titleOf(exchange), () => undefined);
    } else {
      it(titleOf(exchange), () => session?.play(exchange), 150_000);
    }
  }

  if (target.jobLinks === 'meant' && maven.available) {
    it(`has a use for the rule: ${jobLinksDifference}`, () => {
      expect(session?.numberOfMeantLinks()).toBeGreaterThan(0);
    });
  }

  it('lists differences of recorded exchanges only', () => {
    const known = new Set([...exchanges, ...exchangesOfOtherServers()].map(({ number }) => number));
    const listed = differences.flatMap((difference) => difference.exchanges);
    expect(listed.filter((number) => !known.has(number))).toEqual([]);
  });
});

/** The steps of the recording, and one more wait that the recording does not list. */
function stepsOfReplay(): ReplayStep[] {
  const pendingNumbers = new Set([...pending].map(({ number }) => number));
  const steps = unrecordedSteps().filter((step) => step.waitStarted === undefined || !pendingNumbers.has(step.before));
  return [...steps, { before: 381, waitForJobs: { taskExecution: 17, count: 2 } }];
}

function reportWhatIsLeftOut(): void {
  const lines = [`${exchanges.length} exchanges, ${pending.size} of them pending:`];
  for (const tag of target.pending) {
    const count = [...pending].filter(({ number }) => taggedSets[tag].exchanges.includes(number)).length;
    lines.push(`  ${tag}: ${count} (${taggedSets[tag].about})`);
  }
  if (!maven.available) {
    lines.push(`SKIPPED: ${skipped.size} exchanges that need the sample applications, because ${maven.reason}`);
  }
  console.log(lines.join('\n'));
}
