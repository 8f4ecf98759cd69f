import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MavenConfiguration, MavenRepository } from '../configuration/configuration.js';
import { ResourceTransferError, UnresolvableResourceError } from './resource-errors.js';
import { ResourceResolver, type ResourceResolverOptions } from './resource-resolver.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let root: string;
let servers: Server[];
let warnings: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resource-resolver-'));
  servers = [];
  warnings = [];
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(root, { recursive: true, force: true });
});

async function serve(handler: Handler): Promise<{ url: string; requests: IncomingMessage[]; server: Server }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, server };
}

/** A server of files: path to content. */
function files(content: Record<string, string>): Handler {
  return (request, response) => {
    const text = content[request.url ?? ''];
    response.statusCode = text === undefined ? 404 : 200;
    response.end(text);
  };
}

function resolver(
  maven: Partial<MavenConfiguration> = {},
  limits: ResourceResolverOptions['limits'] = {},
): ResourceResolver {
  return new ResourceResolver({
    cacheDirectory: join(root, 'cache'),
    warn: (message) => warnings.push(message),
    limits,
    maven: {
      localRepository: join(root, 'repository'),
      offline: false,
      includeDefaultRemoteRepositories: false,
      remoteRepositories: [],
      proxy: undefined,
      connectTimeout: 2000,
      requestTimeout: 2000,
      ...maven,
    },
  });
}

const repository = (url: string, changes: Partial<MavenRepository> = {}): MavenRepository => ({
  id: 'test',
  url,
  username: undefined,
  password: undefined,
  ...changes,
});

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

async function put(path: string, text: string): Promise<string> {
  const file = join(root, 'repository', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

const content = (path: string) => readFile(path, 'utf8');

describe('http resources', () => {
  it('are downloaded once and asked for again with what the server said', async () => {
    const { url, requests } = await serve((request, response) => {
      response.setHeader('etag', '"one"');
      response.statusCode = request.headers['if-none-match'] === '"one"' ? 304 : 200;
      response.end(response.statusCode === 200 ? 'jar' : undefined);
    });
    const first = await resolver().resolve(`${url}/dir/app-1.0.jar?x=1`);
    expect(first).toMatch(/\/app-1\.0\.jar$/);
    const { ino } = await stat(first);
    expect(await resolver().resolve(`${url}/dir/app-1.0.jar?x=1`)).toBe(first);
    expect((await stat(first)).ino).toBe(ino);
    expect(await content(first)).toBe('jar');
    expect(requests.map((request) => request.headers['if-none-match'])).toEqual([undefined, '"one"']);
  });

  it('are downloaded anew when they have changed', async () => {
    let version = 1;
    const { url } = await serve((request, response) => {
      response.setHeader('etag', `"${version}"`);
      response.statusCode = request.headers['if-none-match'] === `"${version}"` ? 304 : 200;
      response.end(response.statusCode === 200 ? `jar ${version}` : undefined);
    });
    const file = await resolver().resolve(`${url}/app.jar`);
    version = 2;
    await resolver().resolve(`${url}/app.jar`);
    expect(await content(file)).toBe('jar 2');
    expect((await readdir(dirname(file))).sort()).toEqual(['.validators.json', 'app.jar']);
  });

  it('are fetched once for many who ask at once', async () => {
    const { url, requests } = await serve(files({ '/app.jar': 'jar' }));
    const shared = resolver();
    await Promise.all(Array.from({ length: 10 }, () => shared.resolve(`${url}/app.jar`)));
    expect(requests).toHaveLength(1);
  });

  it('follow redirects without handing credentials to another host', async () => {
    const target = await serve(files({ '/real.jar': 'jar' }));
    const { url, requests } = await serve((request, response) => {
      const location = request.url === '/app.jar' ? '/second.jar' : `${target.url}/real.jar`;
      response.writeHead(302, { location }).end();
    });
    const file = await resolver().resolve(`${url.replace('//', '//user:p%40ss@')}/app.jar`);
    expect(await content(file)).toBe('jar');
    const authorization = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(requests.map((request) => request.headers.authorization)).toEqual([authorization, authorization]);
    expect(target.requests[0]!.headers.authorization).toBeUndefined();
  });

  it.each<[string, Handler, RegExp]>([
    ['not there', files({}), /\/app\.jar does not exist/],
    ['forbidden', (_request, response) => response.writeHead(403).end(), /answered 403.*credentials/],
    ['too long as announced', (_request, response) => response.end('x'.repeat(2000)), /longer than 1000 bytes/],
    [
      'too long without announcement',
      (_request, response) => {
        response.write('x'.repeat(900));
        response.end('x'.repeat(900));
      },
      /longer than 1000 bytes/,
    ],
    [
      'redirected in a circle',
      (_request, response) => response.writeHead(301, { location: '/app.jar' }).end(),
      /redirects more than 10 times/,
    ],
    [
      'redirected to a file',
      (_request, response) => response.writeHead(301, { location: 'file:///etc/passwd' }).end(),
      /redirects to file:\/\/\/etc\/passwd, which is not followed/,
    ],
  ])('%s are refused for good, and nothing is left behind', async (_what, handler, message) => {
    const { url } = await serve(handler);
    const resolving = resolver({}, { maximumBytes: 1000 }).resolve(`${url}/app.jar`);
    await expect(resolving).rejects.toThrow(message);
    await expect(resolving).rejects.toBeInstanceOf(UnresolvableResourceError);
    const [directory] = await readdir(join(root, 'cache', 'http'));
    expect(await readdir(join(root, 'cache', 'http', directory!))).toEqual([]);
  });

  it.each<[string, Handler]>([
    ['is out of order', (_request, response) => response.writeHead(503).end()],
    [
      'breaks off',
      (_request, response) =>
        response.writeHead(200, { 'content-length': '10' }).write('half', () => response.destroy()),
    ],
    ['falls silent', (_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('half')],
    ['never answers', () => undefined],
  ])('from a server that %s can be tried again', async (_what, handler) => {
    const { url } = await serve(handler);
    const resolving = resolver({}, { idleTimeout: 200 }).resolve(`${url}/app.jar`);
    await expect(resolving).rejects.toBeInstanceOf(ResourceTransferError);
    const [directory] = await readdir(join(root, 'cache', 'http'));
    expect(await readdir(join(root, 'cache', 'http', directory!))).toEqual([]);
  });

  it('end when their time is up though bytes keep coming', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(drip));
    });
    const resolving = resolver({}, { totalTimeout: 300 }).resolve(`${url}/app.jar`);
    await expect(resolving).rejects.toThrow(/took longer than 300 ms/);
  });

  it('are taken from the copy when the server is gone, with a warning', async () => {
    const { url, server } = await serve(files({ '/app.jar': 'jar' }));
    const file = await resolver().resolve(`${url}/app.jar`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    servers = [];
    expect(await resolver().resolve(`${url}/app.jar`)).toBe(file);
    expect(warnings).toEqual([expect.stringMatching(/could not be downloaded.*downloaded before is used/)]);
    await expect(resolver().resolve(`${url}/other.jar`)).rejects.toBeInstanceOf(ResourceTransferError);
  });
});

describe('maven resources', () => {
  const jar = '/org/example/app/1.0/app-1.0.jar';

  it('come from a remote repository, checked, into the local one', async () => {
    const { url, requests } = await serve(
      files({ [`/base${jar}`]: 'jar', [`/base${jar}.sha1`]: `${sha1('jar')}  app-1.0.jar\n` }),
    );
    const remoteRepositories = [repository(`${url}/base/`, { username: 'user', password: 'pass' })];
    const file = await resolver({ remoteRepositories }).resolve('maven://org.example:app:1.0');
    expect(file).toBe(join(root, 'repository', jar));
    expect(await content(file)).toBe('jar');
    expect(requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('user:pass').toString('base64')}`);
    expect(await readdir(dirname(file))).toEqual(['app-1.0.jar']);
    expect(await resolver({ offline: true }).resolve('maven://org.example:app:1.0')).toBe(file);
    expect(requests).toHaveLength(2);
  });

  it('come from the first repository that has them whole', async () => {
    const none = await serve(files({}));
    const damaged = await serve(files({ [jar]: 'jaR', [`${jar}.sha1`]: sha1('jar') }));
    const good = await serve(files({ [jar]: 'jar' }));
    const remoteRepositories = [none, damaged, good].map(({ url }, index) => repository(url, { id: `r${index}` }));
    const file = await resolver({ remoteRepositories }).resolve('maven://org.example:app:1.0');
    expect(await content(file)).toBe('jar');
    expect(await readdir(dirname(file))).toEqual(['app-1.0.jar']);
  });

  it('come from a repository that is a directory', async () => {
    await put(`../shared${jar}`, 'jar');
    const remoteRepositories = [repository(pathToFileURL(join(root, 'shared')).href)];
    expect(await content(await resolver({ remoteRepositories }).resolve('maven://org.example:app:1.0'))).toBe('jar');
  });

  it.each([
    [true, /is not in the local repository .*repository\. 'maven\.offline' is set/],
    [false, /is not in the local repository .*repository and not in the remote repositories 'test'/],
  ])('that nobody has are refused for good; offline: %s', async (offline, message) => {
    const { url, requests } = await serve(files({}));
    const resolving = resolver({ offline, remoteRepositories: [repository(url)] }).resolve(
      'maven://org.example:app:1.0',
    );
    await expect(resolving).rejects.toThrow(message);
    await expect(resolving).rejects.toBeInstanceOf(UnresolvableResourceError);
    expect(requests).toHaveLength(offline ? 0 : 1);
  });

  it.each<[string, Handler, RegExp]>([
    ['damaged', files({ [jar]: 'jaR', [`${jar}.sha1`]: sha1('jar') }), /from the Maven repository 'test' is damaged/],
    ['in a repository out of order', (_request, response) => response.writeHead(500).end(), /answered 500/],
  ])('that are %s can be tried again', async (_what, handler, message) => {
    const { url } = await serve(handler);
    const resolving = resolver({ remoteRepositories: [repository(url)] }).resolve('maven://org.example:app:1.0');
    await expect(resolving).rejects.toThrow(message);
    await expect(resolving).rejects.toBeInstanceOf(ResourceTransferError);
  });

  it.each<[string, number, typeof ResourceTransferError | typeof UnresolvableResourceError]>([
    ['refuses', 401, UnresolvableResourceError],
    ['is away', 503, ResourceTransferError],
  ])('tell what a repository said that %s, without its credentials', async (_what, status, kind) => {
    const { url } = await serve((_request, response) => response.writeHead(status).end());
    const address = url.replace('http://', 'http://joe:p%40ss@');
    for (const version of ['1.0', '1.0-SNAPSHOT']) {
      const remoteRepositories = [repository(address)];
      const error = await resolver({ remoteRepositories })
        .resolve(`maven://org.example:app:${version}`)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(kind);
      expect(String(error)).toContain(`answered ${status}`);
      expect(String(error)).not.toMatch(/joe|ss@/);
    }
  });

  it.each(['ftp://joe:secret@host', 'http://joe:secret@[', 'nonsense'])('refuse the address %s', async (url) => {
    const remoteRepositories = [repository(url)];
    const resolving = resolver({ remoteRepositories }).resolve('maven://org.example:app:1.0');
    await expect(resolving).rejects.toThrow(/^(?!.*secret).*address of the Maven repository 'test' cannot be used/s);
    await expect(resolving).rejects.toBeInstanceOf(UnresolvableResourceError);
  });

  it('go through the proxy, but not for exempt hosts', async () => {
    const direct = await serve(files({ [jar]: 'direct' }));
    const proxy = await serve((request, response) =>
      response.end(request.url!.endsWith('.jar') ? `by ${request.url}` : ''),
    );
    const configuration = (nonProxyHosts: string): Partial<MavenConfiguration> => ({
      remoteRepositories: [repository(direct.url)],
      proxy: {
        protocol: 'http',
        host: '127.0.0.1',
        port: Number(new URL(proxy.url).port),
        nonProxyHosts,
        username: 'u',
        password: 'p',
      },
    });
    const proxied = await resolver(configuration('localhost|*.example.org')).resolve('maven://org.example:app:1.0');
    expect(await content(proxied)).toBe(`by ${direct.url}${jar}`);
    expect(proxy.requests[0]!.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
    await rm(proxied);
    expect(await content(await resolver(configuration('127.*')).resolve('maven://org.example:app:1.0'))).toBe('direct');
  });

  it('reach https repositories through a tunnel of the proxy', async () => {
    const proxy = await serve(() => undefined);
    const tunnelled = new Promise<string>((resolve) => {
      proxy.server.once('connect', (request, socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        // 0x16: a TLS handshake begins.
        socket.once('data', (bytes: Buffer) => {
          resolve(`${request.url} ${bytes[0]}`);
          socket.destroy();
        });
      });
    });
    const resolving = resolver({
      remoteRepositories: [repository('https://repository.example.org')],
      proxy: {
        protocol: 'http',
        host: '127.0.0.1',
        port: Number(new URL(proxy.url).port),
        nonProxyHosts: '',
        username: undefined,
        password: undefined,
      },
    }).resolve('maven://org.example:app:1.0');
    await expect(resolving).rejects.toBeInstanceOf(ResourceTransferError);
    expect(await tunnelled).toBe('repository.example.org:443 22');
  });
});

describe('maven snapshots', () => {
  const directory = '/org/example/app/1.0-SNAPSHOT';
  const uri = 'maven://org.example:app:1.0-SNAPSHOT';
  const build = (day: string) => `1.0-202401${day}.120000-${Number(day)}`;
  const metadata = (day: string) =>
    `<metadata><versioning><snapshotVersions><snapshotVersion><extension>jar</extension><value>${build(day)}</value>` +
    `<updated>202401${day}120000</updated></snapshotVersion></snapshotVersions></versioning></metadata>`;
  const offer = (day: string) => ({
    [`${directory}/maven-metadata.xml`]: metadata(day),
    [`${directory}/app-${build(day)}.jar`]: `build ${day}`,
  });

  it('are the newest build of all repositories, fetched once', async () => {
    const old = await serve(files(offer('01')));
    const young = await serve(files(offer('02')));
    const remoteRepositories = [repository(old.url), repository(young.url)];
    const file = await resolver({ remoteRepositories }).resolve(uri);
    expect(await content(file)).toBe('build 02');
    expect(await resolver({ remoteRepositories }).resolve(uri)).toBe(file);
    expect(young.requests.filter((request) => request.url!.endsWith('.jar'))).toHaveLength(1);
    expect(await readdir(dirname(file))).toEqual([`app-${build('02')}.jar`]);
  });

  it.each([
    ['2024-01-03', 'installed'],
    ['2024-01-01', 'build 02'],
  ])('installed here on %s: %s', async (installedOn, expected) => {
    const { url } = await serve(files(offer('02')));
    const installed = await put(`${directory}/app-1.0-SNAPSHOT.jar`, 'installed');
    await utimes(installed, new Date(installedOn), new Date(installedOn));
    // A download is as old as its build, not as its file.
    await put(`${directory}/app-${build('01')}.jar`, 'build 01');
    expect(await content(await resolver({ remoteRepositories: [repository(url)] }).resolve(uri))).toBe(expected);
  });

  it('are what is here when no repository can be asked', async () => {
    await put(`${directory}/app-${build('01')}.jar`, 'build 01');
    await put(`${directory}/app-${build('02')}.jar`, 'build 02');
    await put(`${directory}/app-${build('02')}-sources.jar`, 'sources');
    const { url } = await serve((_request, response) => response.writeHead(500).end());
    expect(await content(await resolver({ remoteRepositories: [repository(url)] }).resolve(uri))).toBe('build 02');
    expect(warnings).toEqual([expect.stringMatching(/answered 500.*local repository is used/)]);
    expect(await content(await resolver({ offline: true }).resolve(uri))).toBe('build 02');
  });
});
