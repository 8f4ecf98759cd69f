import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ContainerRegistry } from '../../configuration/configuration.js';
import { requestEcrToken } from './ecr-token.js';
import { isLoopback, RegistryHttp } from './registry-http.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function settingsOf(host: string, more: Partial<ContainerRegistry> = {}): ContainerRegistry {
  return {
    ...{ host, authorizationType: undefined, user: undefined, secret: undefined, manifestMediaType: undefined },
    ...{ disableSslVerification: false, useHttpProxy: false, extra: {} },
    ...more,
  };
}
const soon = () => AbortSignal.timeout(20_000);
const authorization = 'Basic eA==';

describe('RegistryHttp', () => {
  it('speaks plain HTTP to a registry of this machine that has no TLS', async () => {
    const host = await serve((_, response) => response.setHeader('x-header', 'y').end('hello'));
    const http = new RegistryHttp({ httpProxy: undefined });
    const answer = await http.send({ to: '/v2/', maximumBytes: 5 }, settingsOf(host), soon());
    expect([answer.status, answer.headers['x-header'], answer.body.toString()]).toEqual([200, 'y', 'hello']);
  });

  it('never speaks plain HTTP to another machine', async () => {
    const http = new RegistryHttp({ httpProxy: undefined });
    await expect(http.send({ to: '/v2/', maximumBytes: 5 }, settingsOf('registry.invalid'), soon())).rejects.toThrow(
      'https://registry.invalid/v2/ cannot be asked: ',
    );
  });

  it('stops reading where the limit is', async () => {
    const host = await serve((_, response) => response.end('hello!'));
    const http = new RegistryHttp({ httpProxy: undefined });
    await expect(http.send({ to: '/a', maximumBytes: 5 }, settingsOf(host), soon())).rejects.toThrow(
      `http://${host}/a answers with more than 5 bytes, which is the limit`,
    );
  });

  it('follows redirects and shows credentials to nobody else', async () => {
    const seen: Record<string, string | undefined> = {};
    const note = (where: string) => (request: IncomingMessage, response: ServerResponse) => {
      seen[`${where}${request.url}`] = request.headers.authorization;
      if (request.url === '/start') response.writeHead(307, { location: '/same' }).end();
      else if (request.url === '/same') response.writeHead(302, { location: `http://${other}/signed?X=secret` }).end();
      else response.end('there');
    };
    const other: string = await serve(note('other'));
    const host = await serve(note(''));
    const http = new RegistryHttp({ httpProxy: undefined });
    const answer = await http.send(
      { to: '/start', headers: { authorization, accept: 'a/b' }, maximumBytes: 100 },
      settingsOf(host),
      soon(),
    );
    expect(answer.body.toString()).toBe('there');
    expect(seen).toMatchObject({ '/start': authorization, '/same': authorization });
    expect(seen['other/signed?X=secret']).toBeUndefined();
  });

  it('keeps credentials from signed URLs and from the host that the configuration names', async () => {
    const seen: (string | undefined)[] = [];
    const host: string = await serve((request, response) => {
      if (request.url === '/signed') response.writeHead(307, { location: '/x?X-Amz-Credential=1' }).end();
      else if (request.url === '/custom') response.writeHead(307, { location: '/y' }).end();
      else {
        seen.push(request.headers.authorization);
        response.end();
      }
    });
    const http = new RegistryHttp({ httpProxy: undefined });
    const ask = (to: string, extra: Record<string, string>) =>
      http.send({ to, headers: { authorization }, maximumBytes: 100 }, settingsOf(host, { extra }), soon());
    seen.length = 0;
    await ask('/signed', {});
    await ask('/custom', { 'custom-registry': host });
    await ask('/custom', {});
    expect(seen.slice(-3)).toEqual([undefined, undefined, authorization]);
  });

  it.each([
    ['http://registry.example/x', 'is no https URL'],
    ['ftp://registry.example/x', 'is no https URL'],
    ['http://[', 'is no https URL'],
    ['/again', 'redirects more than 5 times'],
  ])('does not follow to %s', async (location, reason) => {
    const host = await serve((_, response) => response.writeHead(302, { location }).end());
    const http = new RegistryHttp({ httpProxy: undefined });
    await expect(http.send({ to: '/a', maximumBytes: 10 }, settingsOf(host), soon())).rejects.toThrow(reason);
  });

  it('asks through the proxy where the registry wants it', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url);
      response.end('proxied');
    });
    const host = await serve((_, response) => response.end('direct'));
    const [proxyHost = '', proxyPort] = proxy.split(':');
    const http = new RegistryHttp({ httpProxy: { host: proxyHost, port: Number(proxyPort) } });
    const ask = async (useHttpProxy: boolean) =>
      (
        await http.send({ to: '/v2/?a=b', maximumBytes: 10 }, settingsOf(host, { useHttpProxy }), soon())
      ).body.toString();
    expect([await ask(true), await ask(false)]).toEqual(['proxied', 'direct']);
    expect(asked).toEqual([`http://${host}/v2/?a=b`]);
  });

  it('ends with its deadline', async () => {
    const host = await serve((request, response) => {
      if (request.url === '/fast') response.end();
    });
    const http = new RegistryHttp({ httpProxy: undefined });
    await http.send({ to: '/fast', maximumBytes: 10 }, settingsOf(host), soon());
    const deadline = AbortSignal.timeout(100);
    await expect(http.send({ to: '/slow', maximumBytes: 10 }, settingsOf(host), deadline)).rejects.toThrow(
      `http://${host}/slow cannot be asked: it takes too long`,
    );
  });
});

describe('isLoopback', () => {
  it.each([
    ['localhost', true],
    ['localhost:5000', true],
    ['LOCALHOST', true],
    ['127.0.0.1:1', true],
    ['127.1.2.3', true],
    ['[::1]:5000', true],
    ['127.0.0.1.example', false],
    ['localhost.example', false],
    ['registry.example:5000', false],
    ['10.0.0.1', false],
  ])('%s: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback);
  });
});

describe('requestEcrToken', () => {
  const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const amazon = async (answer: object | string, status = 200) => {
    const requests: { body: string; headers: IncomingMessage['headers'] }[] = [];
    const host = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        requests.push({ body, headers: request.headers });
        response.statusCode = status;
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    });
    const regions: string[] = [];
    const endpoint = (region: string) => {
      regions.push(region);
      return new URL(`http://${host}/`);
    };
    return { requests, regions, endpoint };
  };
  const http = new RegistryHttp({ httpProxy: undefined });
  const authorizationToken = Buffer.from('AWS:pass').toString('base64');

  it('exchanges an access key for a token', async () => {
    const { requests, regions, endpoint } = await amazon({
      authorizationData: [{ authorizationToken, expiresAt: 4_000_000_000.5 }],
    });
    const settings = settingsOf(ECR, { user: 'AKID', secret: 'hush', extra: { registryIds: '1, 2' } });
    expect(await requestEcrToken(settings, http, soon(), endpoint)).toEqual({
      header: `Basic ${authorizationToken}`,
      expiresAt: 4_000_000_000_500,
    });
    expect(regions).toEqual(['eu-west-1']);
    expect(requests).toMatchObject([
      {
        body: '{"registryIds":["1","2"]}',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
          'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
          authorization: expect.stringMatching(
            /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/ecr\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
          ),
        },
      },
    ]);
  });

  it.each<[object | string, number]>([
    [{ message: 'no' }, 400],
    [{ authorizationData: [] }, 200],
    ['no json', 200],
  ])('says that Amazon gives no token: %j (%i)', async (answer, status) => {
    const { endpoint } = await amazon(answer, status);
    const settings = settingsOf(ECR, { user: 'AKID', secret: 'hush', extra: { region: 'us-east-1' } });
    const failing = requestEcrToken(settings, http, soon(), endpoint);
    await expect(failing).rejects.toThrow(/token for 123456789012/);
    await expect(failing).rejects.not.toThrow(/hush/);
  });

  it('says what is missing', async () => {
    await expect(requestEcrToken(settingsOf('ecr.example', { user: 'a', secret: 'b' }), http, soon())).rejects.toThrow(
      'needs user (access key), secret (secret key) and extra[region]',
    );
    await expect(requestEcrToken(settingsOf(ECR), http, soon())).rejects.toThrow('needs user');
  });
});
