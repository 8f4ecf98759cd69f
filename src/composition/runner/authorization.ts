import { z } from 'zod';
import { type Answer, exchange, NoAnswerError, NotTrustedError } from './http-exchange.js';
import type { ClientCredentials, Credentials, ServerAccess } from './server-access.js';

const TokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().optional() });

/** RFC 6749, section 5.2. */
const RefusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** A token is asked for anew so long before it ends, ms. */
const MARGIN = 30_000;

/** A token could not be had, so the request that needed it was not sent: there was no answer, or one without a token. */
export class NoTokenError extends Error {
  override readonly name: string = 'NoTokenError';
}

/** The token server gives this client none; it will not do so later either. */
export class TokenRefusedError extends NoTokenError {
  override readonly name = 'TokenRefusedError';
}

/** The Authorization header of the runner's requests. */
export class Authorization {
  private readonly credentials: Credentials;
  private token: { readonly text: string; readonly until: number } | undefined;

  constructor(private readonly access: ServerAccess) {
    this.credentials = access.credentials;
  }

  /**
   * The headers to send.
   * @throws NoTokenError when a token is needed and none is given; TokenRefusedError when none ever will be
   * @throws NotTrustedError when it is not known who would give it
   */
  async headers(): Promise<Readonly<Record<string, string>>> {
    switch (this.credentials.kind) {
      case 'none':
        return {};
      case 'basic':
        return { Authorization: basic(this.credentials.username, this.credentials.password) };
      case 'bearer':
        return { Authorization: `Bearer ${this.credentials.token}` };
      case 'client':
        return { Authorization: `Bearer ${await this.tokenOf(this.credentials)}` };
    }
  }

  /** After a 401. @returns whether another token can be tried */
  renew(): boolean {
    this.token = undefined;
    return this.credentials.kind === 'client';
  }

  private async tokenOf(client: ClientCredentials): Promise<string> {
    if (this.token !== undefined && Date.now() < this.token.until) return this.token.text;
    const answer = await this.ask(client);
    const parsed = TokenSchema.safeParse(jsonOf(answer.body));
    if (answer.status !== 200 || !parsed.success) throw noToken(client, answer);
    const { access_token: text, expires_in: seconds = 300 } = parsed.data;
    this.token = { text, until: Date.now() + Math.max(0, seconds * 1000 - MARGIN) };
    return text;
  }

  private async ask({ clientId, clientSecret, inBody, scopes, tokenUri }: ClientCredentials): Promise<Answer> {
    const asked = exchange({
      method: 'POST',
      url: tokenUri,
      // RFC 6749, section 2.3.1: the parts are encoded as in a form before they are joined.
      headers: inBody ? {} : { Authorization: basic(encodeURIComponent(clientId), encodeURIComponent(clientSecret)) },
      form: {
        grant_type: 'client_credentials',
        ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
        ...(inBody ? { client_id: clientId, client_secret: clientSecret } : {}),
      },
      verifiesTls: this.access.verifiesTls,
    });
    return asked.catch((error: unknown) => {
      if (!(error instanceof NoAnswerError)) throw error;
      const message = `no token for the server: ${error.message}`;
      if (error instanceof NotTrustedError) throw new NotTrustedError(message, false, { cause: error });
      // Whether the token server got its request says nothing of the one that the token is for.
      throw new NoTokenError(message, { cause: error });
    });
  }
}

/** A client that is unknown, has another secret or may not have a scope: 400 or 401; other answers may be another time. */
function noToken({ tokenUri }: ClientCredentials, { status, body }: Answer): NoTokenError {
  const where = tokenUri.replace(/[?#].*$/s, '');
  if (status !== 400 && status !== 401 && status !== 403) {
    return new NoTokenError(`no token for the server: ${where} gave none, but answered ${status}`);
  }
  const refusal = RefusalSchema.safeParse(jsonOf(body));
  const { error, error_description: description } = refusal.success ? refusal.data : { error: '' };
  const said = [error, description].filter((part) => part !== undefined && part !== '').join(': ');
  return new TokenRefusedError(
    `no token for the server: ${where} answered ${status}${said && ` (${said.slice(0, 300)})`}: check the runner's client id, client secret and scopes`,
  );
}

/** RFC 7617 */
function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
