import type { ContainerConfiguration } from '../../configuration/configuration.js';
import { errorCode, messageOf } from '../../resources/system-error.js';
import { ContainerRegistryError } from './container-registry.errors.js';
import type { RegistrySettings } from './registry-settings.js';
import { exchange, placeOf, type TransportResponse } from './registry-transport.js';

/** A request to a registry or to a server that gives tokens for one. */
export interface RegistryRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** A path of the registry's API (`/v2/…`), or another server's URL. */
  readonly to: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maximumBytes: number;
}

const MAXIMUM_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What a TLS client sees when the other side speaks plain HTTP. */
const NO_TLS = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);

/** Speaks to registries as their settings say: https with or without verification, directly or by the proxy. */
export class RegistryHttp {
  private readonly loopbackSchemes = new Map<string, 'http' | 'https'>();

  constructor(private readonly configuration: Pick<ContainerConfiguration, 'httpProxy'>) {}

  /**
   * Sends a request and follows redirects.
   * @throws ContainerRegistryError naming the place and what went wrong
   */
  async send(request: RegistryRequest, settings: RegistrySettings, deadline: AbortSignal): Promise<TransportResponse> {
    if (request.to instanceof URL) return await this.follow(request.to, request, settings, deadline);
    const { host } = settings;
    const known = isLoopback(host) ? this.loopbackSchemes.get(host) : 'https';
    const scheme = known ?? (await this.loopbackScheme(settings, deadline));
    return await this.follow(new URL(request.to, `${scheme}://${host}`), request, settings, deadline);
  }

  /** Registries on this machine may speak plain HTTP, as container engines allow. */
  private async loopbackScheme(settings: RegistrySettings, deadline: AbortSignal): Promise<'http' | 'https'> {
    const { host, disableSslVerification } = settings;
    const probe = { method: 'GET' as const, url: new URL(`https://${host}/v2/`), headers: {}, maximumBytes: 1_000_000 };
    let scheme: 'http' | 'https' = 'https';
    try {
      await exchange({ ...probe, verify: !disableSslVerification, proxy: undefined }, deadline);
    } catch (error) {
      if (NO_TLS.has(errorCode(error) ?? '')) scheme = 'http';
      else throw failure(probe.url, error, deadline);
    }
    this.loopbackSchemes.set(host, scheme);
    return scheme;
  }

  private async follow(
    first: URL,
    request: RegistryRequest,
    settings: RegistrySettings,
    deadline: AbortSignal,
  ): Promise<TransportResponse> {
    let url = first;
    for (let hops = 0; hops <= MAXIMUM_REDIRECTS; hops++) {
      const response = await this.exchange(url, first, request, settings, deadline);
      const { location } = response.headers;
      if (!REDIRECTS.has(response.status) || location === undefined) return response;
      url = redirected(url, location);
    }
    throw new ContainerRegistryError(`${placeOf(first)} redirects more than ${MAXIMUM_REDIRECTS} times`);
  }

  private async exchange(
    url: URL,
    first: URL,
    { method = 'GET', headers = {}, body, maximumBytes }: RegistryRequest,
    { disableSslVerification, useHttpProxy, extra }: RegistrySettings,
    deadline: AbortSignal,
  ): Promise<TransportResponse> {
    const { authorization, ...others } = headers;
    const keeps = url === first || (keepsAuthorization(url, first) && url.host !== extra['custom-registry']);
    const sent = authorization === undefined || !keeps ? others : { ...others, authorization };
    const proxy = useHttpProxy ? this.configuration.httpProxy : undefined;
    try {
      return await exchange(
        {
          ...{ method, url, headers: sent, maximumBytes, proxy },
          verify: !disableSslVerification,
          ...(body === undefined ? {} : { body }),
        },
        deadline,
      );
    } catch (error) {
      throw failure(url, error, deadline);
    }
  }
}

/** Whether plain HTTP never leaves this machine. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** Credentials are for the server they were given for; signed URLs carry their own and refuse a second one. */
function keepsAuthorization(url: URL, first: URL): boolean {
  return url.origin === first.origin && !url.searchParams.has('X-Amz-Credential');
}

function redirected(from: URL, location: string): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const allowed = next?.protocol === 'https:' || (next?.protocol === 'http:' && isLoopback(next.host));
  if (next === undefined || !allowed) {
    throw new ContainerRegistryError(`${placeOf(from)} redirects to what is no https URL, which is not followed`);
  }
  return next;
}

function failure(url: URL, error: unknown, deadline: AbortSignal): ContainerRegistryError {
  if (error instanceof ContainerRegistryError) return error;
  const reason = deadline.aborted ? 'it takes too long' : messageOf(error);
  return new ContainerRegistryError(`${placeOf(url)} cannot be asked: ${reason}`, { cause: error });
}
