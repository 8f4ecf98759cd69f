import { z } from 'zod';
import { LruMap } from '../../collections/lru-map.js';
import { parseChallenges } from './challenge.js';
import { ContainerRegistryError } from './container-registry.errors.js';
import { requestEcrToken } from './ecr-token.js';
import { isLoopback, type RegistryHttp } from './registry-http.js';
import type { RegistrySettings } from './registry-settings.js';
import { placeOf } from './registry-transport.js';

/** A value of the `Authorization` header and when it ends, ms since 1970. */
interface Token {
  readonly header: string;
  readonly expiresAt: number;
}

/** What a registry said when it was asked how it wants to be authorised with. */
type Detected = { readonly type: 'token'; readonly uri: string } | { readonly type: 'plain' };

const TokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().positive().optional().catch(undefined),
});
/** What the token specification says for tokens without `expires_in`, seconds. */
const DEFAULT_LIFETIME = 60;
/** Tokens are renewed so long before they end, ms. */
const MARGIN = 10_000;

/** Gets what registries want to be shown, and remembers it while it is good. */
export class RegistryAuthorization {
  private readonly tokens = new LruMap<string, Token>(1_000);
  private readonly detected = new LruMap<string, Detected>(200);

  constructor(private readonly http: RegistryHttp) {}

  /**
   * The `Authorization` header for reading a repository; undefined for none.
   * @throws ContainerRegistryError
   */
  async headerFor(settings: RegistrySettings, repository: string, deadline: AbortSignal): Promise<string | undefined> {
    switch (settings.authorizationType) {
      case 'anonymous':
        return undefined;
      case 'basicauth':
        return basic(settings);
      case 'awsecr':
        return await this.token(settings, '', () => requestEcrToken(settings, this.http, deadline));
      case 'dockeroauth2': {
        const uri = settings.extra['registryAuthUri'] ?? (await this.tokenUri(settings, deadline));
        return await this.token(settings, repository, () => this.requestToken(uri, settings, repository, deadline));
      }
      case undefined: {
        const detected = await this.detect(settings, deadline);
        if (detected.type === 'plain') return basic(settings);
        return await this.token(settings, repository, () =>
          this.requestToken(detected.uri, settings, repository, deadline),
        );
      }
    }
  }

  /** Forgets what the registry refused. */
  forget(settings: RegistrySettings, repository: string): void {
    this.tokens.delete(tokenKey(settings, repository));
    this.tokens.delete(tokenKey(settings, ''));
    this.detected.delete(settings.host);
  }

  private async token(settings: RegistrySettings, repository: string, request: () => Promise<Token>): Promise<string> {
    const key = tokenKey(settings, repository);
    const known = this.tokens.get(key);
    if (known !== undefined && known.expiresAt - MARGIN > Date.now()) return known.header;
    const token = await request();
    this.tokens.set(key, token);
    return token.header;
  }

  private async tokenUri(settings: RegistrySettings, deadline: AbortSignal): Promise<string> {
    const detected = await this.detect(settings, deadline);
    if (detected.type === 'token') return detected.uri;
    throw new ContainerRegistryError(
      `The registry ${settings.host} offers no tokens, though its authorization-type is dockeroauth2; set extra[registryAuthUri] or another type`,
    );
  }

  private async detect(settings: RegistrySettings, deadline: AbortSignal): Promise<Detected> {
    const known = this.detected.get(settings.host);
    if (known !== undefined) return known;
    const response = await this.http.send({ to: '/v2/', maximumBytes: 1_000_000 }, settings, deadline);
    const bearer = parseChallenges(response.headers['www-authenticate']).find(({ scheme }) => scheme === 'bearer');
    const { realm, service } = bearer?.parameters ?? {};
    const detected: Detected =
      response.status === 401 && realm !== undefined
        ? { type: 'token', uri: tokenTemplate(realm, service, settings.host) }
        : { type: 'plain' };
    this.detected.set(settings.host, detected);
    return detected;
  }

  private async requestToken(
    template: string,
    settings: RegistrySettings,
    repository: string,
    deadline: AbortSignal,
  ): Promise<Token> {
    const text = template.replaceAll('{repository}', repository);
    if (!URL.canParse(text)) {
      throw new ContainerRegistryError(
        `'${template}' is no URL; the registry ${settings.host} cannot give tokens there`,
      );
    }
    const to = new URL(text);
    const authorization = basic(settings);
    const response = await this.http.send(
      { to, maximumBytes: 100_000, headers: authorization === undefined ? {} : { authorization } },
      settings,
      deadline,
    );
    if (response.status !== 200) {
      throw new ContainerRegistryError(
        `${placeOf(to)} gives no token for ${settings.host}/${repository}: it answers ${response.status}`,
      );
    }
    return readToken(response.body, placeOf(to));
  }
}

function readToken(body: Buffer, place: string): Token {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    json = undefined;
  }
  const { data } = TokenSchema.safeParse(json);
  const token = data?.token ?? data?.access_token;
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) {
    throw new ContainerRegistryError(`${place} answers without a token`);
  }
  return { header: `Bearer ${token}`, expiresAt: Date.now() + (data?.expires_in ?? DEFAULT_LIFETIME) * 1_000 };
}

/** Credentials follow to where the registry says tokens are given, so that must be https. */
function tokenTemplate(realm: string, service: string | undefined, host: string): string {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.host))) {
    throw new ContainerRegistryError(`The registry ${host} gives tokens at '${realm}', which is no https URL`);
  }
  if (service !== undefined) url.searchParams.set('service', service);
  url.search += `${url.search === '' ? '' : '&'}scope=repository:{repository}:pull`;
  // The placeholder's braces come back escaped.
  return url.href.replace('%7Brepository%7D', '{repository}');
}

function basic({ user, secret }: RegistrySettings): string | undefined {
  if (user === undefined || secret === undefined) return undefined;
  return `Basic ${Buffer.from(`${user}:${secret}`, 'utf8').toString('base64')}`;
}

function tokenKey({ host }: RegistrySettings, repository: string): string {
  return `${host}/${repository}`;
}
