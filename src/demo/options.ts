import { parseArgs } from 'node:util';
import { DemoProblem } from './demo-problem.js';

/** What the demo was asked for on its command line. */
export interface DemoOptions {
  /** Address of a running server, without trailing slash; undefined: look for one, else start one. */
  readonly server: string | undefined;
  /** End when the story is told, and a server that was started for it too. */
  readonly exit: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run demo -- [--server <address>] [--exit]

  --server <address>  a running server, such as http://localhost:9393; without it the demo
                      uses the one on port 9393, or starts one with its data in .millrace
  --exit              end when the story is told, instead of leaving the server running
  --help              show this text
`;

/** @throws DemoProblem for an unknown option or an address that is none */
export function parseOptions(words: readonly string[]): DemoOptions {
  const { server, exit = false, help = false } = valuesOf(words);
  return { server: server === undefined ? undefined : serverAddress(server), exit, help };
}

function valuesOf(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: { server: { type: 'string' }, exit: { type: 'boolean' }, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new DemoProblem(`${sentence.replace(/\.$/, '')}.`, 'See npm run demo -- --help.');
  }
}

function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new DemoProblem(`'${text}' is no address of a server.`, 'Give one such as --server http://localhost:9393.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new DemoProblem(
      'The demo does not sign in, so the address must not contain a user.',
      'Use a server without authentication.',
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
