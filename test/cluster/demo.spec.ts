import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoreV1Api, KubeConfig, type V1PolicyRule } from '@kubernetes/client-node';
import { kubeConfigOf } from '../support/cluster.js';
import { createIdentity, documentedRules, documentedRulesButSecrets } from '../support/cluster-identity.js';
import { loadSampleImages } from '../support/cluster-images.js';
import { createTestNamespace, type TestNamespace } from '../support/cluster-namespace.js';
import { hasSampleImages, itWithCluster, itWithContainers, usedCluster } from '../support/cluster-suites.js';
import { createEmptyDatabase } from '../support/database.js';
import { openToPods } from '../support/pod-access.js';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A story takes half a minute: it waits for an image that never comes. */
const STORY_TIME = 240_000;

const itWithSamples = (await hasSampleImages('the demo with a Spring Batch image')) ? it : it.skip;

interface Told {
  readonly exitCode: number;
  readonly text: string;
  readonly complaint: string;
}

describe('npm run demo -- --kubernetes', () => {
  let directory: string;
  const namespaces: TestNamespace[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
    await run(process.execPath, [join(PROJECT, 'build.mjs')], {});
  }, 180_000);
  afterAll(async () => {
    for (const namespace of namespaces) await namespace.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const demo = (environment: Readonly<Record<string, string>>, ...words: string[]) =>
    run(process.execPath, [join(PROJECT, 'dist/demo.mjs'), '--kubernetes', '--exit', ...words], {
      HOME: directory,
      ...environment,
    });

  function run(program: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
    const { KUBERNETES_SERVICE_HOST: _inside, KUBECONFIG: _cluster, ...inherited } = process.env;
    return new Promise<Told>((done) => {
      const env = { ...inherited, ...environment };
      execFile(program, words, { cwd: directory, env, timeout: STORY_TIME + 240_000 }, (error, text, complaint) =>
        done({ exitCode: error === null ? 0 : Number(error.code ?? -1), text, complaint }),
      );
    });
  }

  itWithContainers(
    'tells the story in two namespaces of its own, and removes them',
    async () => {
      const told = await demo({ KUBECONFIG: usedCluster.kubeconfig });
      expect(told).toMatchObject({ exitCode: 0, complaint: '' });
      expect(told.text).toMatch(/\| team-a {2}step 5 of 5 in pod demo-k8s-report-/);
      expect(told.text).toMatch(/\| team-b {2}step 5 of 5 in pod demo-k8s-report-/);
      expect(told.text).toMatch(/ERROR +3 .*\n +Reason: .*exit code 3/);
      expect(told.text).toContain('| 3 articles are missing');
      expect(told.text).toMatch(/Reason: \w*Image\w*: the image '.*-that-does-not-exist:1\.0' cannot be pulled/);
      expect(told.text).toMatch(/was cleaned up: pods before 1, after 0\n +\| .*\n +\| .*\n +\| done/);
      expect(told.text).not.toContain('Not as expected');
      const made = /removed from the cluster: (\S+), (\S+)/.exec(told.text)?.slice(1) ?? [];
      expect(made).toHaveLength(2);
      const { items } = await kubeConfigOf(usedCluster).makeApiClient(CoreV1Api).listNamespace();
      const left = items.filter(({ metadata, status }) => {
        return made.includes(metadata?.name ?? '') && status?.phase !== 'Terminating';
      });
      expect(left).toEqual([]);
    },
    STORY_TIME,
  );

  itWithContainers(
    'tells it in two namespaces that it is given, with the rights that the documentation asks for, but those on Secrets',
    async () => {
      const [one, other] = await newNamespaces();
      // SCDF's setting that leaves credentials out, which the demo makes use of, needs no right on Secrets.
      const kubeconfig = await identityWith(one, await documentedRulesButSecrets(), [one, other]);
      const told = await demo({ KUBECONFIG: kubeconfig }, '--namespaces', `${one},${other}`);
      expect(told).toMatchObject({ exitCode: 0, complaint: '' });
      expect(told.text).toContain(`removed from the cluster: the pods in ${one}, the pods in ${other}`);
      const core = kubeConfigOf(usedCluster).makeApiClient(CoreV1Api);
      const { items } = await core.listNamespacedPod({ namespace: one });
      expect(items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)).toEqual([]);
    },
    STORY_TIME,
  );

  itWithSamples(
    'runs a real Spring Batch image as well, on a database that its pod reaches',
    async () => {
      const { 'batch-boot3': image } = await loadSampleImages(usedCluster, ['batch-boot3']);
      const database = await createEmptyDatabase();
      const { user = '', password = '', hosts } = database.connection;
      const access = await openToPods(usedCluster, hosts[0]?.port ?? 0);
      try {
        const [one, other] = await newNamespaces();
        const told = await demo(
          {
            KUBECONFIG: await identityWith(one, await documentedRules(), [one, other]),
            SPRING_DATASOURCE_URL: `jdbc:postgresql://${access.host}:${access.port}/${database.name}`,
            SPRING_DATASOURCE_USERNAME: user,
            SPRING_DATASOURCE_PASSWORD: password,
          },
          ...['--namespaces', `${one},${other}`, '--batch-image', image],
        );
        expect(told).toMatchObject({ exitCode: 0, complaint: '' });
        expect(told.text).toMatch(
          /Run a Spring Batch job in a pod\n[^]*demo-k8s-batch: launched[^]*COMPLETE, exit code 0/,
        );
        expect(told.text).toMatch(/Job job1, execution \d+: COMPLETED/);
        expect(told.text).toMatch(/job1step1 +COMPLETED/);
        // Read, written, filtered.
        expect(told.text).toMatch(/job1step2 +COMPLETED +7 +6 +1 /);
        expect(told.text).not.toContain('Not as expected');
        expect(told.text).not.toContain(password);
        const core = kubeConfigOf(usedCluster).makeApiClient(CoreV1Api);
        // The role lets the server write its Secret, and nobody delete it.
        const { items } = await core.listNamespacedSecret({ namespace: one });
        expect(items).toHaveLength(1);
        expect(told.text).toContain(`the right to delete it: the Secret '${items[0]?.metadata?.name}' in ${one}`);
      } finally {
        await access.close();
        await database.close();
      }
    },
    STORY_TIME + 300_000,
  );

  it('says that a Spring Batch image needs a database that its pod reaches', async () => {
    const told = await demo({}, '--batch-image', 'acme/batch:1');
    expect(told.exitCode).toBe(1);
    expect(told.complaint).toMatch(/reached from this machine only\.\nSet SPRING_DATASOURCE_URL/);
  });

  itWithCluster('says which rights are missing', async () => {
    const [one, other] = await newNamespaces();
    const kubeconfig = await identityWith(one, [], []);
    const unable = await demo({ KUBECONFIG: kubeconfig });
    expect(unable.exitCode).toBe(1);
    expect(unable.complaint).toMatch(/does not let you make namespaces[^]*--namespaces <one>,<other>/);
    const refused = await demo({ KUBECONFIG: kubeconfig }, '--namespaces', `${one},${other}`);
    expect(refused.exitCode).toBe(1);
    expect(refused.complaint).toMatch(/lacks rights in namespace '.*': get, list, watch, create, delete on 'pods'/);
  });

  itWithCluster('says that a token is not known', async () => {
    const configuration = new KubeConfig();
    const target = kubeConfigOf(usedCluster).getCurrentCluster();
    if (target === null) throw new Error('no cluster');
    configuration.loadFromClusterAndUser(target, { name: 'stranger', token: 'expired' });
    const kubeconfig = await written('stranger', configuration);
    const told = await demo({ KUBECONFIG: kubeconfig });
    expect(told.exitCode).toBe(1);
    expect(told.complaint).toMatch(
      /does not let you in: token, certificate or password is wrong or has expired \(401\)/,
    );
  });

  it('says that there is no cluster', async () => {
    const told = await demo({});
    expect(told.exitCode).toBe(1);
    expect(told.complaint).toMatch(/KUBECONFIG is not set, and there is no ~\/\.kube\/config\.\nSet KUBECONFIG/);
  });

  it('says that the cluster does not answer', async () => {
    const configuration = new KubeConfig();
    configuration.loadFromClusterAndUser(
      { name: 'away', server: 'http://127.0.0.1:9', skipTLSVerify: true },
      { name: 'x' },
    );
    const told = await demo({ KUBECONFIG: await written('away', configuration) });
    expect(told.exitCode).toBe(1);
    expect(told.complaint).toMatch(/cannot be used: the API server at http:\/\/127\.0\.0\.1:9 cannot be reached: .*9/);
  });

  async function newNamespaces(): Promise<[string, string]> {
    const one = await createTestNamespace(usedCluster);
    const other = await createTestNamespace(usedCluster);
    namespaces.push(one, other);
    return [one.name, other.name];
  }

  /** A kubeconfig of a service account that may do something in some namespaces. */
  async function identityWith(home: string, rules: readonly V1PolicyRule[], where: readonly string[]): Promise<string> {
    const { token } = await createIdentity(usedCluster, home, rules, where);
    const target = kubeConfigOf(usedCluster).getCurrentCluster();
    if (target === null) throw new Error('no cluster');
    const configuration = new KubeConfig();
    configuration.loadFromClusterAndUser(target, { name: 'server', token });
    return await written(home, configuration);
  }

  async function written(name: string, configuration: KubeConfig): Promise<string> {
    const file = join(directory, `${name}.kubeconfig`);
    await writeFile(file, configuration.exportConfig(), { mode: 0o600 });
    return file;
  }
});
