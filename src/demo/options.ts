import { parseArgs } from 'node:util';
import { messageOf } from '../resources/system-error.js';
import { DemoProblem } from './demo-problem.js';

/** What the demo was asked for on its command line. */
export interface DemoOptions {
  /** Address of a running server, without trailing slash; undefined: look for one, else start one. */
  readonly server: string | undefined;
  /** Tell the story on Kubernetes. */
  readonly kubernetes: boolean;
  /** Two existing namespaces; undefined: two are made, and removed at the end. */
  readonly namespaces: readonly [string, string] | undefined;
  /** An image with a shell. */
  readonly image: string;
  /** An image of a Spring Boot 3 application with a Spring Batch job; undefined leaves that part out. */
  readonly batchImage: string | undefined;
  /** End when the story is told, and a server that was started for it too. */
  readonly exit: boolean;
  readonly help: boolean;
}

const DEFAULT_IMAGE = 'docker.io/library/busybox:1.35';

export const USAGE = `Usage: npm run demo -- [--server <address>] [--exit]
       npm run demo -- --kubernetes [--namespaces <one>,<other>] [--image <image>]
                       [--batch-image <image>] [--server <address>] [--exit]

  --server <address>  a running server, such as http://localhost:9393; without it the demo
                      uses the one on port 9393 (SERVER_PORT), or starts one with its data
                      in .millrace (MILLRACE_DATA_DIR)
  --exit              end when the story is told, instead of leaving the server running
  --kubernetes        tell the story on the cluster of the current KUBECONFIG, with two accounts;
                      what it makes there is removed when it ends
  --namespaces <a,b>  two namespaces to use instead of making two
  --image <image>     an image with a shell (standard: ${DEFAULT_IMAGE})
  --batch-image <image>
                      an image of a Spring Boot 3 application with a Spring Batch job, to run one as well;
                      the server needs a database that its pod reaches (SPRING_DATASOURCE_URL, …)
  --help              show this text
`;

/** @throws DemoProblem for an unknown option or an address that is none */
export function parseOptions(words: readonly string[]): DemoOptions {
  const { server, exit = false, help = false, kubernetes = false, namespaces, ...images } = valuesOf(words);
  const { image, 'batch-image': batchImage } = images;
  const [first] = Object.entries({ namespaces, image, 'batch-image': batchImage }).filter(([, text]) => text);
  if (first !== undefined && !kubernetes) throw misuse(`--${first[0]} goes with --kubernetes.`);
  for (const reference of [image, batchImage]) if (reference !== undefined) refuseBadImage(reference);
  return {
    server: server === undefined ? undefined : serverAddress(server),
    kubernetes,
    namespaces: namespaces === undefined ? undefined : twoNamespaces(namespaces),
    image: image ?? DEFAULT_IMAGE,
    batchImage,
    exit,
    help,
  };
}

function valuesOf(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        server: { type: 'string' },
        kubernetes: { type: 'boolean' },
        namespaces: { type: 'string' },
        image: { type: 'string' },
        'batch-image': { type: 'string' },
        exit: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [sentence = ''] = messageOf(error).split('. ');
    throw misuse(`${sentence.replace(/\.$/, '')}.`);
  }
}

function misuse(message: string): DemoProblem {
  return new DemoProblem(message, 'See npm run demo -- --help.');
}

/** Names of namespaces are DNS labels (RFC 1123). */
function twoNamespaces(text: string): readonly [string, string] {
  const [one = '', other = '', ...more] = text.split(',').map((name) => name.trim());
  const areNames = [one, other].every((name) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name));
  if (!areNames || more.length > 0 || one === other) {
    throw misuse(`'${text}' does not name two different namespaces, such as --namespaces batch-a,batch-b.`);
  }
  return [one, other];
}

function refuseBadImage(image: string): void {
  if (!/^[a-z0-9][\w./:@-]*$/i.test(image)) throw misuse(`'${image}' is no name of an image.`);
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
