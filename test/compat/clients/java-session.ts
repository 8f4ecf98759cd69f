import { type describe, expect } from '@jest/globals';
import { join } from 'node:path';
import { describeWhere } from '../../support/describe-where.js';
import { mavenHere } from '../../support/maven.js';
import type { ServerClient } from '../../support/server-client.js';
import { CompatServer } from '../compat-server.js';
import { JARS } from '../generations.js';
import { buildApplications } from '../session.js';
import { replayTarget } from '../target.js';
import { buildClients, type Clients } from './build.js';
import { RestClient } from './rest-client.js';

const BOOT_VERSIONS = 'org.springframework.cloud.dataflow.schema.AppBootSchemaVersion';

/** Operations of the client and the short names that they are kept under. */
const OPERATIONS = {
  about: 'aboutOperation',
  apps: 'appRegistryOperations',
  tasks: 'taskOperations',
  jobs: 'jobOperations',
  completions: 'completionOperations',
  schedules: 'schedulerOperations',
  streams: 'streamOperations',
};

/** A page as the client shows it. */
export interface Page<Resource> {
  readonly content: readonly Resource[];
  readonly page: { readonly totalElements: number };
}

export interface Named {
  readonly name: string;
}

export interface JobExecution extends Named {
  readonly executionId: number;
  readonly taskExecutionId: number;
  readonly schemaTarget: string;
}

/** `describe` where Maven can build the client; elsewhere the suite is skipped, and says why. */
export async function describeWithJavaClient(): Promise<typeof describe | typeof describe.skip> {
  return describeWhere("SCDF's REST client for Java", await mavenHere());
}

/** A server without data, and SCDF's REST client for Java that is connected to it. */
export class JavaSession {
  private constructor(
    private readonly server: CompatServer,
    readonly jars: Clients,
    /** URIs of the sample applications of both generations. */
    readonly apps: { readonly uri2: string; readonly uri3: string; readonly batch2: string; readonly batch3: string },
    /** The client with its operations under short names, and `boot3`. */
    readonly java: RestClient,
  ) {}

  get client(): ServerClient {
    return this.server.client;
  }

  /** A directory that goes with the session. */
  get data(): string {
    return this.server.data;
  }

  /** Builds the client and the applications, and starts the server; half an hour on a machine that has built neither. */
  static async open(): Promise<JavaSession> {
    const jars = await buildClients();
    const applications = await buildApplications();
    const at = (path: string) => `file://${join(applications, path)}`;
    const apps = {
      uri2: at(JARS.stamp),
      uri3: at(JARS.stamp3),
      batch2: at(JARS.items),
      batch3: at(JARS.items3),
    };
    const server = await CompatServer.start(replayTarget());
    try {
      const java = await connectTo(server.baseUrl, jars.restClient);
      await java.call(BOOT_VERSIONS, 'valueOf', ['BOOT3'], 'boot3');
      return new JavaSession(server, jars, apps, java);
    } catch (failure) {
      await server.close();
      throw failure;
    }
  }

  /** Another client, of another version. */
  async connect(jar: string): Promise<RestClient> {
    return connectTo(this.server.baseUrl, jar);
  }

  async close(): Promise<void> {
    await this.java.close();
    await this.server.close();
  }
}

/** A refusal as the client shows it: its own exception with the server's message. */
export function refusal(message: string | RegExp): unknown {
  const matching: unknown = typeof message === 'string' ? message : expect.stringMatching(message);
  return expect.objectContaining({ type: 'DataFlowClientException', message: matching });
}

async function connectTo(baseUrl: string, jar: string): Promise<RestClient> {
  const connected = await RestClient.connect(jar, baseUrl);
  for (const [name, operations] of Object.entries(OPERATIONS)) {
    await connected.call('dataFlow', operations, [], name);
  }
  return connected;
}
