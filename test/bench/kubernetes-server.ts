import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { clientConfiguration } from '../../src/database/postgres-client.js';
import { form } from '../support/http.js';
import type { ServerProcess } from '../support/server-process.js';
import { ask } from './measure.js';
import { startMillraceWith } from './servers.js';

/** A server process with one Kubernetes account, on an empty PostgreSQL that flushes to disk. */
export interface KubernetesServer {
  readonly process: ServerProcess;
  readonly sql: pg.Client;
  /** Launches the task. @returns whether it was answered with 201 */
  launch(): Promise<boolean>;
  /** Ends the server and starts it anew on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const TASK = 'bench-pod';

/** The app of {@link TASK}, whose pods run for a day unless they are ended. */
export const APP = 'bench-image';

/** The name of the account. */
export const PLATFORM = 'cluster';

/**
 * Starts it with a task defined whose pods have eight arguments.
 * @param nodeOptions for the server's process: `--cpu-prof`
 */
export async function startKubernetesServer(
  kubeconfig: string,
  namespace: string,
  nodeOptions: readonly string[],
): Promise<KubernetesServer> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-kubernetes-'));
  // PostgreSQL does not run as root: where this process does, it runs under an account of its own.
  await chmod(directory, 0o755);
  const postgres = await EmbeddedPostgres.start({ dataDir: directory });
  const { connection } = postgres;
  const [{ host, port } = { host: '', port: 0 }] = connection.hosts;
  const sql = new pg.Client(clientConfiguration(connection, 10_000));
  sql.on('error', () => undefined);
  await sql.connect();
  const account = { namespace, maximumConcurrentTasks: 1_000_000, podAnnotations: 'kapi.test/run-for:24h' };
  const start = () =>
    startMillraceWith(
      {
        KUBECONFIG: kubeconfig,
        SPRING_DATASOURCE_URL: `jdbc:postgresql://${host}:${port}/${connection.database}`,
        SPRING_DATASOURCE_USERNAME: connection.user ?? '',
        SPRING_DATASOURCE_PASSWORD: connection.password ?? '',
        SPRING_APPLICATION_JSON: JSON.stringify({
          [`spring.cloud.dataflow.task.platform.kubernetes.accounts.${PLATFORM}`]: account,
        }),
      },
      nodeOptions,
    );
  let server = await start();
  const agent = new Agent({ keepAlive: true });
  const app = form({ uri: 'docker:docker.io/library/busybox:1.35', force: 'true' });
  await ask(agent, server.baseUrl, `/apps/task/${APP}/1.0`, app);
  await ask(agent, server.baseUrl, '/tasks/definitions', form({ name: TASK, definition: APP }));
  const order = form({
    name: TASK,
    properties: `spring.cloud.dataflow.task.platformName=${PLATFORM}`,
    arguments: Array.from({ length: 8 }, (_, index) => `--argument.number.${index}=${TASK}`).join(' '),
  });
  return {
    get process() {
      return server;
    },
    sql,
    launch: async () => (await ask(agent, server.baseUrl, '/tasks/executions/launch', order)).status === 201,
    restart: async () => {
      await server.stop();
      await server.clear();
      server = await start();
    },
    close: async () => {
      agent.destroy();
      await server.stop();
      await server.clear();
      await sql.end();
      await postgres.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
