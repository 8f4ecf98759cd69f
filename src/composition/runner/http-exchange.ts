import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { tlsTrouble } from './tls-trouble.js';

/** One request to a server. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Fields of a form. */
  readonly form?: Readonly<Record<string, string>> | undefined;
  readonly verifiesTls: boolean;
}

/** What came back, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** No answer came. */
export class NoAnswerError extends Error {
  override readonly name: string = 'NoAnswerError';

  constructor(
    message: string,
    /** Whether the server may have got the request and acted on it. */
    readonly mayHaveArrived: boolean,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** No answer came, as the other side is not who it has to be: nothing was sent, and waiting does not help. */
export class NotTrustedError extends NoAnswerError {
  override readonly name = 'NotTrustedError';
}

/** How long an answer may take, ms: a launch that waits for an image registry takes its time. */
const TIMEOUT = 60_000;

/** The longest answer that is read, bytes. */
const LONGEST = 16 << 20;

const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

/**
 * Sends a request and reads the whole answer. Redirects are not followed. Each POST has a connection of its own, so that one
 * which the server has just closed does not leave in doubt whether the request arrived.
 * @throws NoAnswerError, NotTrustedError
 */
export function exchange({ method, url, headers, form, verifiesTls }: Exchange): Promise<Answer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const secure = url.startsWith('https:');
  return new Promise((resolve, reject) => {
    let connected = false;
    const options = {
      method,
      timeout: TIMEOUT,
      agent: method === 'POST' ? false : agents[secure ? 'https' : 'http'],
      headers: {
        Accept: 'application/json',
        ...headers,
        ...(body === undefined
          ? {}
          : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(Buffer.byteLength(body)) }),
      },
    };
    const sent = secure
      ? httpsRequest(url, { ...options, rejectUnauthorized: verifiesTls })
      : httpRequest(url, options);
    const fail = (error: Error) => {
      const trouble = secure && !connected ? tlsTrouble(error) : null;
      const text = `${method} ${addressOf(url)}: ${trouble ?? reasonOf(error)}`;
      const Failure = trouble === null ? NoAnswerError : NotTrustedError;
      reject(new Failure(text, connected, { cause: error }));
    };
    sent.on('socket', (socket) => {
      if (sent.reusedSocket) connected = true;
      socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`)));
    sent.on('error', fail);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > LONGEST) sent.destroy(new Error(`an answer of more than ${LONGEST} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.end(body);
  });
}

/** Ends connections that are kept, so that the process can end. */
export function closeConnections(): void {
  agents.http.destroy();
  agents.https.destroy();
}

/** Without the query, which may hold what nobody needs to read. */
function addressOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

function reasonOf(error: Error & { readonly code?: string; readonly errors?: readonly Error[] }): string {
  // An attempt on several addresses of one name has no message of its own.
  if (error.message !== '') return error.message;
  return error.errors?.map(({ message }) => message).join('; ') ?? error.code ?? error.name;
}
