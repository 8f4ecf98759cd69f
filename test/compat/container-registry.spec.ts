import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerConfiguration, ContainerRegistry } from '../../src/configuration/configuration.js';
import { ContainerRegistries } from '../../src/registry/containers/container-registries.js';
import { buildGoTool, goHere } from '../support/go-tool.js';
import {
  ImagePusher,
  REGISTRY_PROGRAM,
  REGISTRY_VERSION,
  type RegistryProcess,
  startRegistry,
} from '../support/registry-process.js';

const go = await goHere();
if (!go) console.warn('Skipped: the container registry suite builds a real registry, and there is no Go on the PATH.');

const USER = 'reader';
const PASSWORD = 'sesame';
/** bcrypt of the password, the only form that the registry reads. */
const HTPASSWD = 'reader:$2y$04$abcdefghijklmnopqrstuuinwY/tkBVrn3xrxQI/TgnMHhkvl85RW\n';
const LABELS = { maintainer: 'somebody', 'configuration-properties.inbound-ports': 'a,b' };

function containerOf(more: Partial<ContainerConfiguration>): ContainerConfiguration {
  return {
    defaultRegistryHost: 'registry-1.docker.io',
    defaultRepositoryTag: 'latest',
    officialRepositoryNamespace: 'library',
    replaceDefaultDockerRegistryServer: true,
    httpProxy: undefined,
    registries: {},
    dockerConfigJson: undefined,
    ...more,
  };
}

function readerOf(more: Partial<ContainerConfiguration> = {}): ContainerRegistries {
  const warn = (problem: unknown) => {
    throw new Error(String(problem));
  };
  return new ContainerRegistries({ container: containerOf(more) }, { warn });
}

function configured(host: string, more: Partial<ContainerRegistry>): Partial<ContainerConfiguration> {
  const registry: ContainerRegistry = {
    ...{ host, authorizationType: undefined, user: undefined, secret: undefined, manifestMediaType: undefined },
    ...{ disableSslVerification: false, useHttpProxy: false, extra: {} },
    ...more,
  };
  return { registries: { [host]: registry } };
}

const pullSecret = (host: string, password = PASSWORD) => ({
  dockerConfigJson: JSON.stringify({
    auths: { [host]: { auth: Buffer.from(`${USER}:${password}`).toString('base64') } },
  }),
});

(go ? describe : describe.skip)('a real container registry', () => {
  let directory: string;
  let program: string;
  let open: RegistryProcess;
  let pusher: ImagePusher;
  const ending: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    program = await buildGoTool(REGISTRY_PROGRAM, REGISTRY_VERSION);
    directory = await mkdtemp(join(tmpdir(), 'millrace-registry-'));
    ending.push(() => rm(directory, { recursive: true, force: true }));
    open = await started({});
    pusher = new ImagePusher(open.host);
    await pusher.image('team/app', '1.0', LABELS);
  }, 1_800_000);

  afterAll(async () => {
    for (const end of ending.reverse()) await end();
  });

  async function started(sections: Parameters<typeof startRegistry>[2]): Promise<RegistryProcess> {
    const registry = await startRegistry(program, directory, sections);
    ending.push(() => registry.stop());
    return registry;
  }

  async function serve(
    handler: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<[string, Server]> {
    const server = createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ending.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return [`127.0.0.1:${(server.address() as AddressInfo).port}`, server];
  }

  describe('without authorisation', () => {
    it('reads the labels of images in both forms', async () => {
      await pusher.image('team/oci', 'latest', { a: 'b' }, 'oci');
      await pusher.image('bare', '1', undefined);
      const reader = readerOf();
      expect(await reader.labels(`${open.host}/team/app:1.0`)).toEqual(LABELS);
      expect(await reader.labels(`${open.host}/team/oci`)).toEqual({ a: 'b' });
      expect(await reader.labels(`${open.host}/bare:1`)).toEqual({});
    });

    it('reads an image by its digest', async () => {
      const { digest } = await pusher.image('team/pinned', undefined, { pinned: 'yes' });
      const reader = readerOf();
      expect(await reader.labels(`${open.host}/team/pinned@${digest}`)).toEqual({ pinned: 'yes' });
      expect(await reader.labels(`${open.host}/team/pinned:whatever@${digest}`)).toEqual({ pinned: 'yes' });
    });

    it('knows no image, no tag, no digest that is not there', async () => {
      const reader = readerOf();
      expect(await reader.labels(`${open.host}/team/app:2.0`)).toBeUndefined();
      expect(await reader.labels(`${open.host}/nobody/nothing`)).toBeUndefined();
      expect(await reader.labels(`${open.host}/team/app@sha256:${'0'.repeat(64)}`)).toBeUndefined();
    });

    it('sees that a tag has moved, and that it has gone', async () => {
      const reader = readerOf();
      const { digest } = await pusher.image('team/moving', 'dev', { build: '1' });
      expect(await reader.labels(`${open.host}/team/moving:dev`)).toEqual({ build: '1' });
      expect(await reader.labels(`${open.host}/team/moving:dev`)).toEqual({ build: '1' });
      const second = await pusher.image('team/moving', 'dev', { build: '2' });
      expect(await reader.labels(`${open.host}/team/moving:dev`)).toEqual({ build: '2' });
      for (const gone of [digest, second.digest]) {
        await fetch(`http://${open.host}/v2/team/moving/manifests/${gone}`, { method: 'DELETE' });
      }
      expect(await reader.labels(`${open.host}/team/moving:dev`)).toBeUndefined();
    });

    it.each([
      ['application/vnd.oci.image.index.v1+json', 'oci'],
      ['application/vnd.docker.distribution.manifest.list.v2+json', 'docker'],
    ] as const)('follows %s to the image for linux on amd64', async (mediaType, form) => {
      const repository = `team/multi-${form}`;
      const arm = await pusher.image(repository, undefined, { on: 'arm64' }, form);
      const amd = await pusher.image(repository, undefined, { on: 'amd64' }, form);
      const manifests = [
        { ...arm, platform: { os: 'linux', architecture: 'arm64' } },
        { ...amd, platform: { os: 'linux', architecture: 'amd64' } },
      ];
      await pusher.manifest(repository, { schemaVersion: 2, mediaType, manifests }, mediaType, 'both');
      await pusher.manifest(repository, { schemaVersion: 2, mediaType, manifests: [manifests[0]] }, mediaType, 'arm');
      const reader = readerOf();
      expect(await reader.labels(`${open.host}/${repository}:both`)).toEqual({ on: 'amd64' });
      expect(await reader.labels(`${open.host}/${repository}:arm`)).toEqual({ on: 'arm64' });
    });
  });

  describe('with user and password', () => {
    let host: string;
    beforeAll(async () => {
      const path = join(directory, 'htpasswd');
      await writeFile(path, HTPASSWD);
      ({ host } = await started({ auth: { htpasswd: { realm: 'test', path } } }));
    });

    it('shows them where the configuration says so', async () => {
      const settings = { authorizationType: 'basicauth' as const, user: USER, secret: PASSWORD };
      expect(await readerOf(configured(host, settings)).labels(`${host}/team/app:1.0`)).toEqual(LABELS);
    });

    it('finds out that the registry wants those of the pull secret', async () => {
      expect(await readerOf(pullSecret(host)).labels(`${host}/team/app:1.0`)).toEqual(LABELS);
      expect(await readerOf(pullSecret(`http://${host}/v2/`)).labels(`${host}/team/app:1.0`)).toEqual(LABELS);
    });

    it.each<[string, (host: string) => Partial<ContainerConfiguration>]>([
      ['nothing', () => ({})],
      ['a wrong password', (it) => pullSecret(it, 'open')],
      [
        'nothing, as configured',
        (it) => configured(it, { authorizationType: 'anonymous', user: USER, secret: PASSWORD }),
      ],
      [
        'a wrong password, as configured',
        (it) => configured(it, { authorizationType: 'basicauth', user: USER, secret: 'x' }),
      ],
      ['a token that there is none of', (it) => configured(it, { authorizationType: 'dockeroauth2' })],
    ])('is refused with %s', async (_, configuration) => {
      const failing = readerOf(configuration(host)).labels(`${host}/team/app:1.0`);
      await expect(failing).rejects.toThrow(
        /refuses access to 127\.0\.0\.1:\d+\/team\/app:1\.0 \(401\)|offers no tokens/,
      );
      await expect(failing).rejects.not.toThrow(new RegExp(PASSWORD));
    });
  });

  describe('with tokens', () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const asked: { url: URL; authorization: string | undefined }[] = [];
    let host: string;
    let tokens: string;
    /** Seconds that tokens are good for. */
    let lifetime = 300;
    /** The next so many tokens are for another registry, so this one refuses them. */
    let flawed = 0;

    beforeAll(async () => {
      const jwks = join(directory, 'keys.json');
      const key = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'test-key', use: 'sig', alg: 'RS256' };
      await writeFile(jwks, JSON.stringify({ keys: [key] }));
      [tokens] = await serve(giveToken);
      const token = { realm: `http://${tokens}/token`, service: 'test-registry', issuer: 'test-issuer', jwks };
      ({ host } = await started({ auth: { token } }));
    });

    /** A token server by the rules of the distribution project's token authentication. */
    function giveToken(request: IncomingMessage, response: ServerResponse): void {
      const url = new URL(request.url ?? '', `http://${tokens}`);
      const { authorization } = request.headers;
      asked.push({ url, authorization });
      const expected = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
      if (authorization !== undefined && authorization !== expected) {
        response.writeHead(401).end();
        return;
      }
      const [type, name, actions = ''] = (url.searchParams.get('scope') ?? '').split(':');
      const isPublic = name?.startsWith('public/') === true;
      const audience = flawed-- > 0 ? 'another-registry' : url.searchParams.get('service');
      const granted = authorization === expected || isPublic ? [{ type, name, actions: actions.split(',') }] : [];
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        ...{ iss: 'test-issuer', sub: USER, aud: audience, jti: randomUUID() },
        ...{ iat: now, nbf: now - 10, exp: now + lifetime, access: granted },
      };
      const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
      const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'test-key' })}.${encode(claims)}`;
      const signature = createSign('RSA-SHA256').update(signed).sign(keys.privateKey, 'base64url');
      response.end(JSON.stringify({ token: `${signed}.${signature}`, expires_in: lifetime }));
    }

    it('finds out where tokens are given, and asks for one with the credentials of the pull secret', async () => {
      asked.length = 0;
      const reader = readerOf(pullSecret(host));
      expect(await reader.labels(`${host}/team/app:1.0`)).toEqual(LABELS);
      expect(await reader.labels(`${host}/team/app:1.0`)).toEqual(LABELS);
      expect(asked.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
        { service: 'test-registry', scope: 'repository:team/app:pull' },
      ]);
      expect(asked[0]?.authorization).toMatch(/^Basic /);
    });

    it('asks where the configuration says that tokens are given', async () => {
      const extra = {
        registryAuthUri: `http://${tokens}/token?service=test-registry&scope=repository:{repository}:pull`,
      };
      const settings = { authorizationType: 'dockeroauth2' as const, user: USER, secret: PASSWORD, extra };
      expect(await readerOf(configured(host, settings)).labels(`${host}/team/app:1.0`)).toEqual(LABELS);
    });

    it('reads public images of a registry that nobody named', async () => {
      await pusher.image('public/app', '1.0', { open: 'yes' });
      expect(await readerOf().labels(`${host}/public/app:1.0`)).toEqual({ open: 'yes' });
    });

    it('takes a new token when the old one has ended', async () => {
      asked.length = 0;
      lifetime = 5;
      const reader = readerOf(pullSecret(host));
      await reader.labels(`${host}/team/app:1.0`);
      const before = asked.length;
      expect(await reader.labels(`${host}/team/app:1.0`)).toEqual(LABELS);
      expect(asked.length).toBeGreaterThan(before);
      lifetime = 300;
    });

    it('asks once more when a token is refused', async () => {
      flawed = 1;
      expect(await readerOf(pullSecret(host)).labels(`${host}/team/app:1.0`)).toEqual(LABELS);
      flawed = 2;
      await expect(readerOf(pullSecret(host)).labels(`${host}/team/app:1.0`)).rejects.toThrow('refuses access');
      flawed = 0;
    });

    it.each<[string, (host: string) => Partial<ContainerConfiguration>, RegExp]>([
      ['without credentials', () => ({}), /refuses access/],
      ['with a wrong password', (it) => pullSecret(it, 'open'), /gives no token for .*team\/app: it answers 401/],
      [
        'with basic authorisation only',
        (it) => configured(it, { authorizationType: 'basicauth', user: USER, secret: PASSWORD }),
        /refuses access/,
      ],
    ])('is refused %s', async (_, configuration, reason) => {
      await expect(readerOf(configuration(host)).labels(`${host}/team/app:1.0`)).rejects.toThrow(reason);
    });
  });

  describe('with TLS', () => {
    let host: string;
    beforeAll(async () => {
      const key = join(directory, 'key.pem');
      const certificate = join(directory, 'certificate.pem');
      const words = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1';
      await promisify(execFile)('openssl', [...words.split(' '), '-keyout', key, '-out', certificate]);
      ({ host } = await started({ tls: { certificate, key } }));
    });

    it('refuses a certificate that nobody vouches for, unless the configuration takes it', async () => {
      await expect(readerOf().labels(`${host}/team/app:1.0`)).rejects.toThrow('self-signed certificate');
      const reader = readerOf(configured(host, { disableSslVerification: true }));
      expect(await reader.labels(`${host}/team/app:1.0`)).toEqual(LABELS);
    });

    it('goes through the proxy where the configuration says so', async () => {
      const tunnels: (string | undefined)[] = [];
      const [proxy, server] = await serve((_, response) => response.writeHead(400).end());
      server.on('connect', (request: IncomingMessage, socket: import('node:net').Socket) => {
        tunnels.push(request.url);
        const [name, port] = (request.url ?? '').split(':');
        const target = connect(Number(port), name, () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          target.pipe(socket);
          socket.pipe(target);
        });
        for (const end of [target, socket]) end.on('error', () => end.destroy());
      });
      const [proxyHost = '', proxyPort] = proxy.split(':');
      const httpProxy = { host: proxyHost, port: Number(proxyPort) };
      const settings = configured(host, { disableSslVerification: true, useHttpProxy: true });
      expect(await readerOf({ ...settings, httpProxy }).labels(`${host}/team/app:1.0`)).toEqual(LABELS);
      expect(new Set(tunnels)).toEqual(new Set([host]));
      const strict = readerOf({ ...configured(host, { useHttpProxy: true }), httpProxy });
      await expect(strict.labels(`${host}/team/app:1.0`)).rejects.toThrow('self-signed certificate');
    });
  });

  describe('behind a server that redirects to where the blobs are', () => {
    it('follows without its credentials, and takes nothing but the content that it asked for', async () => {
      const path = join(directory, 'htpasswd');
      await writeFile(path, HTPASSWD);
      const secured = await started({ auth: { htpasswd: { realm: 'test', path } } });
      const shown: (string | undefined)[] = [];
      let tamper = false;
      const [storage] = await serve((request, response) => {
        shown.push(request.headers.authorization);
        if (tamper) response.end('{"config":{"Labels":{"evil":"yes"}}}');
        else relay(open.host, request, response);
      });
      const [front] = await serve((request, response) => {
        if (request.url?.includes('/blobs/') === true) {
          response.writeHead(307, { location: `http://${storage}${request.url}?signature=x` }).end();
        } else relay(secured.host, request, response);
      });
      expect(await readerOf(pullSecret(front)).labels(`${front}/team/app:1.0`)).toEqual(LABELS);
      tamper = true;
      await expect(readerOf(pullSecret(front)).labels(`${front}/team/app:1.0`)).rejects.toThrow(
        /sends something else than sha256:/,
      );
      expect(shown).toEqual([undefined, undefined]);
    });
  });
});

/** Passes a request on to another server and its answer back. */
function relay(host: string, request: IncomingMessage, response: ServerResponse): void {
  const [name, port] = host.split(':');
  const onward = requestHttp(
    { host: name, port, method: request.method, path: request.url, headers: request.headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
