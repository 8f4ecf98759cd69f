import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { mavenHere } from '../support/maven.js';
import { exchangesOfOtherServers, titleOf } from './exchanges.js';
import { openSession } from './session.js';
import type { Session } from './session.js';
import { pendingTagOf } from './tags.js';
import { replayTarget } from './target.js';

const exchanges = exchangesOfOtherServers();
const target = replayTarget();
const maven = await mavenHere();

interface Group {
  readonly about: string;
  readonly first: number;
  readonly last: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly applications: boolean;
}

/**
 * Each group came from a server of its own. The recording of 532 to 541 was made with H2, where the database works as SCDF
 * means it to; 555 to 559 show streams, which are no part of Millrace.
 */
const groups: readonly Group[] = [
  { about: 'a fresh server', first: 532, last: 541, properties: {}, applications: true },
  {
    about: 'schedules switched off',
    first: 542,
    last: 546,
    properties: { 'spring.cloud.dataflow.features.schedules-enabled': 'false' },
    applications: false,
  },
  {
    about: 'tasks switched off',
    first: 547,
    last: 554,
    properties: {
      'spring.cloud.dataflow.features.tasks-enabled': 'false',
      'spring.cloud.dataflow.features.schedules-enabled': 'false',
    },
    applications: false,
  },
];

for (const { about, first, last, properties, applications } of groups) {
  const group = exchanges.filter(({ number }) => number >= first && number <= last);

  describe(`the recorded exchanges of SCDF 2.11.5 with ${about}, replayed to ${target.name}`, () => {
    let session: Session | undefined;

    if (applications && !maven.available) {
      const skipped = `SKIPPED: ${group.length} exchanges that need the sample applications, because ${maven.reason}`;
      console.log(skipped);
      it.skip(skipped, () => {});
      return;
    }

    beforeAll(async () => {
      session = await openSession({ target, exchanges: [], steps: [], applications, properties });
    }, 40 * 60_000);

    afterAll(() => session?.close(), 120_000);

    for (const exchange of group) {
      const tag = pendingTagOf(exchange.number, target.pending);
      if (tag === undefined) {
        it(titleOf(exchange), () => session?.play(exchange), 150_000);
      } else {
        it.todo(`${titleOf(exchange)} (pending: ${tag})`);
      }
    }
  });
}
