import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiServer, startApiServer } from './api-server.js';
import { exchange, form, getJson, postForm, type WireAnswer } from './http.js';
import { type Launched, ServerClient, type TaskExecution } from './server-client.js';

/** A refusal in a few words: what tests compare. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** A page of a list with its elements, whatever their relation is called. */
export interface ListPage<Element> {
  readonly elements: readonly Element[];
  readonly page: {
    readonly size: number;
    readonly totalElements: number;
    readonly totalPages: number;
    readonly number: number;
  };
  readonly links: Readonly<Record<string, { readonly href: string }>>;
}

/** A server inside the test's process, a client to it, and a directory for programs that the tests launch. */
export class Workbench {
  readonly client: ServerClient;

  private constructor(
    readonly server: ApiServer,
    readonly directory: string,
  ) {
    this.client = new ServerClient(server.url);
  }

  static async open(properties: Readonly<Record<string, string>> = {}): Promise<Workbench> {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-programs-'));
    try {
      return new Workbench(await startApiServer({ properties }), directory);
    } catch (error) {
      await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.server.close();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  /** Writes a shell script. @returns its URI */
  async script(name: string, ...lines: readonly string[]): Promise<string> {
    return writeScript(this.directory, name, lines);
  }

  /** Registers a script and defines a task of the same name. */
  async scriptTask(name: string, ...lines: readonly string[]): Promise<void> {
    await this.client.register(name, '1.0.0', await this.script(`${name}.sh`, ...lines));
    await this.client.define(name, name);
  }

  post(target: string, fields: Readonly<Record<string, string | undefined>> = {}): Promise<WireAnswer> {
    return postForm(this.server.url, target, fields);
  }

  get(target: string): Promise<WireAnswer> {
    return getJson(this.server.url, target);
  }

  put(target: string): Promise<WireAnswer> {
    return this.send('PUT', target);
  }

  delete(target: string): Promise<WireAnswer> {
    return this.send('DELETE', target);
  }

  async list<Element>(target: string): Promise<ListPage<Element>> {
    const body = (await this.client.get(target)) as {
      _embedded?: Record<string, Element[]>;
      page: ListPage<Element>['page'];
      _links: ListPage<Element>['links'];
    };
    return { elements: Object.values(body._embedded ?? {})[0] ?? [], page: body.page, links: body._links };
  }

  /** Launches a task and waits for its end. */
  async run(name: string, options: { arguments?: string; properties?: string } = {}): Promise<TaskExecution> {
    return this.client.ended(await this.client.launch(name, options));
  }

  stop({ executionId, schemaTarget }: Launched, more: Readonly<Record<string, string>> = {}): Promise<WireAnswer> {
    return this.post(`/tasks/executions/${executionId}`, { schemaTarget, ...more });
  }

  private send(method: string, target: string): Promise<WireAnswer> {
    return exchange(this.server.url, { method, target, headers: { Accept: 'application/json' } });
  }
}

/** Writes a shell script that anyone may run. @returns its URI */
export async function writeScript(directory: string, name: string, lines: readonly string[]): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, name);
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return pathToFileURL(path).href;
}

/** The target of a list request with its parameters. */
export function withQuery(path: string, fields: Readonly<Record<string, string | undefined>>): string {
  return `${path}?${form(fields)}`;
}

/** Status and sentence of a refusal, in either of SCDF's two error bodies. */
export function refusalOf(answer: WireAnswer): Refusal {
  const body = answer.body as { _embedded?: { errors?: { message: string }[] }; message?: string };
  return { status: answer.status, message: body._embedded?.errors?.[0]?.message ?? body.message ?? answer.text };
}

/**
 * Waits until something is so.
 * @throws Error that shows what was seen last, if it is not so after `timeout` ms
 */
export async function eventually<Value>(
  look: () => Promise<Value>,
  wanted: (value: Value) => boolean,
  timeout = 30_000,
): Promise<Value> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`not so after ${timeout} ms: ${JSON.stringify(value)}`);
    await sleep(50);
  }
}
