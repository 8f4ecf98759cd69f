import { z } from 'zod';
import { signedHeaders } from '../../resources/aws-signature.js';
import { ContainerRegistryError } from './container-registry.errors.js';
import type { RegistryHttp } from './registry-http.js';
import type { RegistrySettings } from './registry-settings.js';

/** A value of the `Authorization` header and when it ends, ms since 1970. */
export interface EcrToken {
  readonly header: string;
  readonly expiresAt: number;
}

const AnswerSchema = z.object({
  authorizationData: z
    .array(z.object({ authorizationToken: z.string().regex(/^[A-Za-z0-9+/=]+$/), expiresAt: z.number().optional() }))
    .min(1),
});
/** Tokens live for twelve hours; without a word about it, trust half of that. */
const ASSUMED_LIFETIME = 6 * 3_600_000;

/** Where the service of a region listens; China has a domain of its own. */
export function ecrEndpoint(region: string): URL {
  return new URL(`https://api.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`);
}

/**
 * Exchanges an AWS access key (`user`, `secret`) for a token of Amazon's registry (GetAuthorizationToken). The region is
 * `extra[region]`, or the one in the registry's host name; `extra[registryIds]` may name registries, comma-separated.
 * @throws ContainerRegistryError
 */
export async function requestEcrToken(
  settings: RegistrySettings,
  http: RegistryHttp,
  deadline: AbortSignal,
  endpoint = ecrEndpoint,
): Promise<EcrToken> {
  const { host, user, secret, extra } = settings;
  const region = extra['region'] ?? /\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com/.exec(host)?.[1];
  if (user === undefined || secret === undefined || region === undefined || !/^[a-z0-9-]+$/.test(region)) {
    throw new ContainerRegistryError(
      `The registry ${host} of type awsecr needs user (access key), secret (secret key) and extra[region]`,
    );
  }
  const registryIds = (extra['registryIds'] ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const url = endpoint(region);
  const body = JSON.stringify(registryIds.length === 0 ? {} : { registryIds });
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
  };
  const signer = { accessKeyId: user, secretAccessKey: secret, region, service: 'ecr' };
  const signed = await signedHeaders({ method: 'POST', url, headers, body }, signer, new Date());
  const response = await http.send(
    { method: 'POST', to: url, headers: signed, body, maximumBytes: 100_000 },
    settings,
    deadline,
  );
  if (response.status !== 200) {
    throw new ContainerRegistryError(`${url.origin} refuses a token for ${host}: it answers ${response.status}`);
  }
  const answer = AnswerSchema.safeParse(parsed(response.body));
  const token = answer.data?.authorizationData[0];
  if (token === undefined) throw new ContainerRegistryError(`${url.origin} answers without a token for ${host}`);
  const expiresAt = token.expiresAt === undefined ? Date.now() + ASSUMED_LIFETIME : token.expiresAt * 1_000;
  // The token is the base64 of `AWS:<password>` already.
  return { header: `Basic ${token.authorizationToken}`, expiresAt };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
