import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { freePort } from './server-process.js';
import { answersAt, type ServiceProcess, startService } from './service-process.js';

/** The reference implementation of a container registry, and the version that the tests know. */
export const REGISTRY_PROGRAM = 'github.com/distribution/distribution/v3/cmd/registry';
export const REGISTRY_VERSION = 'v3.1.2';

export interface RegistryProcess extends ServiceProcess {
  /** `127.0.0.1:<port>` */
  readonly host: string;
}

/**
 * Starts a registry on the loopback interface and waits until it answers.
 * @param directory for its configuration, images under `images`; registries with the same directory show the same images
 * @param sections further sections of its configuration, as JSON: `auth`, `http.tls`
 */
export async function startRegistry(
  program: string,
  directory: string,
  sections: { readonly auth?: object; readonly tls?: object } = {},
): Promise<RegistryProcess> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const file = join(directory, `registry-${port}.yaml`);
  // JSON is YAML.
  const configuration = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'images') }, delete: { enabled: true } },
    http: { addr: host, ...(sections.tls === undefined ? {} : { tls: sections.tls }) },
    ...(sections.auth === undefined ? {} : { auth: sections.auth }),
  };
  await writeFile(file, JSON.stringify(configuration));
  const url = `${sections.tls === undefined ? 'http' : 'https'}://${host}/v2/`;
  const { stop } = await startService({
    name: 'The registry',
    program,
    arguments: ['serve', file],
    environment: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
    answers: () => (sections.tls === undefined ? answersAt(url) : answersUnverified(url)),
  });
  return { host, stop };
}

/** The same for `https`, whoever signed the certificate. */
function answersUnverified(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
    probe.end();
  });
}

/** A part of an image as a registry keeps it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Puts images into a registry that lets everybody, by the calls of the distribution specification. */
export class ImagePusher {
  constructor(private readonly host: string) {}

  /** Pushes bytes as a blob. */
  async blob(repository: string, content: string, mediaType: string): Promise<Descriptor> {
    const digest = digestOf(content);
    const start = await this.ask(`/v2/${repository}/blobs/uploads/`, { method: 'POST' }, 202);
    const place = new URL(start.headers.get('location') ?? '', `http://${this.host}`);
    place.searchParams.set('digest', digest);
    await this.ask(
      place.pathname + place.search,
      { method: 'PUT', body: content, headers: { 'content-type': 'application/octet-stream' } },
      201,
    );
    return { mediaType, digest, size: Buffer.byteLength(content) };
  }

  /** Pushes a manifest under a tag, or under its digest without one. */
  async manifest(repository: string, manifest: object, mediaType: string, tag?: string): Promise<Descriptor> {
    const content = JSON.stringify(manifest);
    const digest = digestOf(content);
    await this.ask(
      `/v2/${repository}/manifests/${tag ?? digest}`,
      { method: 'PUT', body: content, headers: { 'content-type': mediaType } },
      201,
    );
    return { mediaType, digest, size: Buffer.byteLength(content) };
  }

  /** Pushes an image without layers. */
  async image(
    repository: string,
    tag: string | undefined,
    labels: Readonly<Record<string, string>> | undefined,
    form: 'docker' | 'oci' = 'docker',
  ): Promise<Descriptor> {
    const docker = form === 'docker';
    const configType = docker
      ? 'application/vnd.docker.container.image.v1+json'
      : 'application/vnd.oci.image.config.v1+json';
    const mediaType = docker
      ? 'application/vnd.docker.distribution.manifest.v2+json'
      : 'application/vnd.oci.image.manifest.v1+json';
    const content = {
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: labels },
      rootfs: { type: 'layers', diff_ids: [] },
    };
    const config = await this.blob(repository, JSON.stringify(content), configType);
    return await this.manifest(repository, { schemaVersion: 2, mediaType, config, layers: [] }, mediaType, tag);
  }

  private async ask(path: string, init: RequestInit, status: number): Promise<Response> {
    const response = await fetch(`http://${this.host}${path}`, init);
    if (response.status !== status) {
      throw new Error(`${init.method ?? 'GET'} ${path} answered ${response.status}: ${await response.text()}`);
    }
    return response;
  }
}

function digestOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
