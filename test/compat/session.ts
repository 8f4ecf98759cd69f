import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithMaven } from '../support/maven.js';
import { CompatServer } from './compat-server.js';
import { ComposedRuns } from './composed-runs.js';
import type { Exchange } from './exchanges.js';
import { Identities } from './identities.js';
import { Replay } from './replay.js';
import type { ReplayStep } from './replay.js';
import { pathsOfPendingSets } from './tags.js';
import type { Target } from './target.js';
import { problemsOf } from './verdict.js';

export interface SessionOptions {
  readonly target: Target;
  /** All that is going to be replayed. */
  readonly exchanges: readonly Exchange[];
  readonly steps: readonly ReplayStep[];
  /** Whether the sample applications can be built here. */
  readonly applications: boolean;
  /** Spring properties beside those of the main recording. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A server with an empty database, and the replay of a recording to it. */
export interface Session {
  /**
   * Replays one exchange.
   *
   * @throws Error that says what is wrong with the answer, if something is
   */
  play(exchange: Exchange): Promise<void>;
  /** How often the rule for the links of job executions made a difference. */
  numberOfMeantLinks(): number;
  close(): Promise<void>;
}

/** The applications of this folder, built: what lay under `/apps` when the recordings were made. */
export function buildApplications(): Promise<string> {
  return buildWithMaven('applications', join(dirname(fileURLToPath(import.meta.url)), 'applications'));
}

export async function openSession(options: SessionOptions): Promise<Session> {
  const { target } = options;
  const applications = options.applications ? await buildApplications() : '/nowhere/apps';
  const server = await CompatServer.start(target, options.properties);
  const replay = new Replay({
    baseUrl: server.baseUrl,
    identities: new Identities([
      { recorded: 'http://127.0.0.1:9393', actual: server.baseUrl },
      { recorded: 'file:///apps/', actual: `file://${applications}/` },
      { recorded: 'file:/apps/', actual: `file:${applications}/` },
      { recorded: '/data/', actual: `${server.data}/` },
    ]),
    composedRuns: new ComposedRuns(options.exchanges),
    steps: options.steps,
    applications: options.applications,
    jobLinks: target.jobLinks,
  });
  return {
    play: async (exchange) => {
      const uncompared = pathsOfPendingSets(exchange.number, target.pending);
      const listed = target.differencesOf(exchange.number);
      const reachable = !uncompared.includes('body') && !listed.some(({ unreachable }) => unreachable);
      const { answer, mismatches } = await replay.play(exchange, reachable);
      const problems = problemsOf(exchange, answer, mismatches, listed, uncompared);
      if (problems.length > 0) {
        throw new Error(describeFailure(problems, answer.status, answer.text));
      }
    },
    numberOfMeantLinks: () => replay.numberOfMeantLinks(),
    close: () => server.close(),
  };
}

function describeFailure(problems: readonly string[], status: number, body: string): string {
  const shown = problems.slice(0, 25).map((problem) => `  ${problem}`);
  const more = problems.length > shown.length ? [`  … and ${problems.length - shown.length} more`] : [];
  return [`${problems.length} problems:`, ...shown, ...more, `answer: ${status} ${body.slice(0, 600)}`].join('\n');
}
