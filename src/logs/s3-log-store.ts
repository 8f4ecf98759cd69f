import { createHash } from 'node:crypto';
import type { S3Configuration } from '../configuration/configuration.js';
import { signedHeaders } from '../resources/aws-signature.js';
import { messageOf } from '../resources/system-error.js';

/** ms for one request, answer included. */
const TIMEOUT = 30_000;
/** Larger than any log that is put there. */
const LARGEST_ANSWER = 128 * 1024 ** 2;

/** The store refuses, or cannot be reached. */
export class LogStoreError extends Error {
  override readonly name = 'LogStoreError';
}

/** Logs as objects of a bucket: Amazon S3, or whatever speaks its protocol. */
export class S3LogStore {
  constructor(private readonly settings: S3Configuration) {}

  /** The name of the object that holds an execution's log. */
  keyOf(instanceId: string, schemaTarget: string, executionId: number): string {
    return `${this.settings.prefix}${instanceId}/${schemaTarget}/${executionId}.log.gz`;
  }

  /** @throws LogStoreError */
  async put(key: string, content: Buffer): Promise<void> {
    await this.ask('PUT', key, content);
  }

  /** @returns undefined when there is no such object (any more) */
  async get(key: string): Promise<Buffer | undefined> {
    return this.ask('GET', key);
  }

  /** Removes an object; one that is not there is no error. */
  async remove(key: string): Promise<void> {
    await this.ask('DELETE', key);
  }

  private async ask(method: 'PUT' | 'GET' | 'DELETE', key: string, body?: Buffer): Promise<Buffer | undefined> {
    const url = objectUrl(this.settings, key);
    const { accessKeyId, secretAccessKey, region } = this.settings;
    const headers = {
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
      ...(body === undefined ? {} : { 'content-type': 'application/gzip' }),
    };
    const signer = { accessKeyId, secretAccessKey, region, service: 's3' };
    const signed = await signedHeaders({ method, url, headers, body: body ?? '' }, signer, new Date());
    try {
      const response = await fetch(url, {
        method,
        headers: signed,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT),
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      });
      if (response.status === 404 && method !== 'PUT') {
        const code = codeOf(await response.text());
        // A missing bucket or an unknown account is a mistake of the configuration, not a missing log.
        if (code === 'NoSuchKey') return undefined;
        throw new LogStoreError(`${method} ${url.href} is answered 404 (${code ?? 'without an S3 error code'})`);
      }
      if (!response.ok) {
        throw new LogStoreError(`${method} ${url.href} is answered ${response.status}${said(await response.text())}`);
      }
      if (Number(response.headers.get('content-length') ?? 0) > LARGEST_ANSWER) {
        throw new LogStoreError(`${url.href} is longer than any log that is kept`);
      }
      return Buffer.from(await response.arrayBuffer());
    } catch (error) {
      if (error instanceof LogStoreError) throw error;
      // `fetch` says no more than that it failed; what failed is the cause.
      const { cause = error } = error as { readonly cause?: unknown };
      throw new LogStoreError(`${method} ${url.href} failed: ${messageOf(cause)}`);
    }
  }
}

/** Where an object of the bucket is found. */
export function objectUrl({ endpoint, bucket, pathStyle }: S3Configuration, key: string): URL {
  const url = new URL(endpoint);
  if (!pathStyle) url.host = `${bucket}.${url.host}`;
  const base = url.pathname.replace(/\/+$/, '');
  const path = key.split('/').map(encodeURIComponent).join('/');
  url.pathname = `${base}${pathStyle ? `/${bucket}` : ''}/${path}`;
  return url;
}

/** The error code of an S3 answer: `<Code>AccessDenied</Code>`. Nothing else of it is repeated: it may echo the access key. */
function codeOf(answer: string): string | undefined {
  return /<Code>(\w{1,60})<\/Code>/.exec(answer)?.[1];
}

function said(answer: string): string {
  const code = codeOf(answer);
  return code === undefined ? '' : ` (${code})`;
}
