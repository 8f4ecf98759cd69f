import { join } from 'node:path';
import { DemoProblem } from '../demo-problem.js';
import { type DemoServer, serverAt, serverOnPort, startServer, type StartOptions } from '../demo-server.js';
import type { DemoOptions } from '../options.js';
import type { Output } from '../output.js';
import { RestClient } from '../rest-client.js';
import type { ServerSettings } from '../settings.js';
import { launchSpringBatch } from '../spring-batch.js';
import { DemoCluster } from './cluster.js';
import { KubernetesStory } from './story.js';

/** A server with two accounts to tell the story on. */
export interface KubernetesScene {
  readonly server: DemoServer;
  readonly accounts: readonly [string, string];
  /** Null when a server is used that was there before. */
  readonly cluster: DemoCluster | null;
}

type Places = StartOptions & ServerSettings;

interface PlatformList {
  readonly name: string;
  readonly type: string;
}

/** So that the demo need not wait for two minutes. */
const IMAGE_TIMEOUT = '15s';

/**
 * The server named, the one on the usual port if it has two Kubernetes accounts, else one that is started for the cluster of
 * the current KUBECONFIG.
 * @returns undefined when aborted
 * @throws DemoProblem without a usable server or cluster
 */
export async function setKubernetesScene(
  options: DemoOptions,
  places: Places,
  output: Output,
): Promise<KubernetesScene | undefined> {
  if (options.server !== undefined) {
    const server = await serverAt(options.server);
    const accounts = await kubernetesAccountsOf(server);
    if (accounts !== undefined) return { server, accounts, cluster: null };
    throw new DemoProblem(
      `The server at ${server.url} does not have two Kubernetes accounts.`,
      'Configure two (docs/kubernetes.md), or leave --server out and the demo starts one.',
    );
  }
  const usual = options.namespaces === undefined ? await serverOnPort(places.port) : undefined;
  const known = usual && (await kubernetesAccountsOf(usual));
  if (usual !== undefined && known !== undefined) return { server: usual, accounts: known, cluster: null };
  return await startScene(options, places, output);
}

async function startScene(
  { namespaces, batchImage }: DemoOptions,
  places: Places,
  output: Output,
): Promise<KubernetesScene | undefined> {
  if (batchImage !== undefined && !places.hasDatabase) refuseEmbeddedDatabase();
  const cluster = await DemoCluster.open(process.env);
  try {
    // Only the Spring Batch application needs the database.
    const secrets = batchImage !== undefined;
    const accounts = await cluster.accounts(namespaces, { secrets });
    output.pairs([
      ['cluster', `${cluster.serverUrl}  Kubernetes ${cluster.version}`],
      ...accounts.map(({ name, namespace }) => [`account ${name}`, `namespace ${namespace}`] as const),
    ]);
    const [first, second] = accounts;
    const prefix = 'spring.cloud.dataflow.task.platform.kubernetes.accounts';
    const properties = {
      'millrace.instance-id': cluster.instanceId,
      'millrace.kubernetes.image-timeout': IMAGE_TIMEOUT,
      'spring.cloud.dataflow.task.use-kubernetes-secrets-for-db-credentials': String(!secrets),
      ...Object.fromEntries(accounts.map(({ name, namespace }) => [`${prefix}.${name}.namespace`, namespace])),
    };
    const dataDirectory = join(places.dataDirectory, 'kubernetes');
    const server = await startServer({ ...places, dataDirectory, properties });
    if (server !== undefined && first !== undefined && second !== undefined) {
      return { server, accounts: [first.name, second.name], cluster };
    }
    await cluster.tidyUp();
    return undefined;
  } catch (error) {
    await cluster.tidyUp();
    throw error;
  }
}

/**
 * A Spring Batch application writes its history into the server's database itself.
 * @throws DemoProblem always: the server that would be started brings its own database, which listens on this machine only
 */
function refuseEmbeddedDatabase(): never {
  throw new DemoProblem(
    'A Spring Batch application in a pod needs the database of the server, and the one that the demo starts is reached from this machine only.',
    'Set SPRING_DATASOURCE_URL, SPRING_DATASOURCE_USERNAME and SPRING_DATASOURCE_PASSWORD to a PostgreSQL that pods reach, or leave --batch-image out.',
  );
}

/** @returns undefined when it has fewer than two */
async function kubernetesAccountsOf({ url }: DemoServer): Promise<readonly [string, string] | undefined> {
  const { elements } = await new RestClient(url).list<PlatformList>('/tasks/platforms');
  const [first, second] = elements.filter(({ type }) => type === 'Kubernetes').map(({ name }) => name);
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** @returns what went other than expected, sentences */
export async function tellKubernetes(
  { server, accounts, cluster }: KubernetesScene,
  { image, batchImage }: DemoOptions,
  output: Output,
): Promise<readonly string[]> {
  const client = new RestClient(server.url);
  const story = new KubernetesStory({
    client,
    output,
    accounts,
    image,
    podsOf: async ({ platformName, externalExecutionId }) => cluster?.podsOf(platformName, externalExecutionId),
  });
  const problems = [...(await story.tell())];
  if (batchImage !== undefined) {
    output.chapter('Run a Spring Batch job in a pod');
    output.note('its pod must reach the database of the server (SPRING_DATASOURCE_URL)');
    const properties = `spring.cloud.dataflow.task.platformName=${accounts[0]}`;
    const isWell = await launchSpringBatch(client, output, {
      name: 'demo-k8s-batch',
      uri: `docker:${batchImage}`,
      properties,
    });
    if (!isWell) problems.push('the Spring Batch job did not complete');
  }
  await story.showHistory();
  return problems;
}
