import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cluster, runClusterScript } from './cluster.js';
import { buildWithMaven, mavenHere } from './maven.js';

const run = promisify(execFile);
const HERE = dirname(fileURLToPath(import.meta.url));
const MKIMAGE = join(HERE, 'cluster', 'mkimage.sh');

/** On every node of ours; other clusters pull it. A shell and the usual programs, statically linked. */
export const BUSYBOX = 'docker.io/library/busybox:1.35';

/** The sample applications by what they do and the Spring Boot that they are made with; see test/compat/applications. */
const SAMPLE_JARS = {
  'timestamp-boot2': 'timestamp-boot2/target/timestamp-task-1.0.0.jar',
  'timestamp-boot3': 'timestamp-boot3/target/timestamp-task3-1.0.0.jar',
  'batch-boot2': 'timestamp-batch-boot2/target/timestamp-batch-task-1.0.0.jar',
  'batch-boot3': 'timestamp-batch-boot3/target/timestamp-batch-task3-1.0.0.jar',
} as const;

export type SampleImage = keyof typeof SAMPLE_JARS;

const JAVA_HOME = '/opt/java';
/** `docker run` and a pod's `args` add to it. The options make the short life of a test's JVM shorter. */
const CONFIG = {
  Entrypoint: ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-jar', '/app.jar'],
  Env: [`PATH=${JAVA_HOME}/bin:/usr/local/bin:/usr/bin:/bin`, `JAVA_HOME=${JAVA_HOME}`],
  WorkingDir: '/',
};

/** Why the cluster cannot be given an image, in words that complete «because …»; `undefined` if it can. */
export function whyNoImages({ containers, compromise, mode }: Cluster): string | undefined {
  if (containers !== 'real') return `no container is real here: ${compromise ?? 'pods are played'}`;
  if (mode !== 'given' || loadCommand() !== undefined) return undefined;
  return 'MILLRACE_TEST_LOAD_IMAGE does not say how the cluster of KUBECONFIG gets an image archive';
}

/** Why the sample images cannot be had in a cluster, in words that complete «because …»; `undefined` if they can. */
export async function whyNoSampleImages(cluster: Cluster): Promise<string | undefined> {
  const noImages = whyNoImages(cluster);
  if (noImages !== undefined) return noImages;
  if (cluster.hostAddressForPods === undefined) return 'pods do not reach the database of this machine';
  const maven = await mavenHere();
  return maven.available ? undefined : maven.reason;
}

/**
 * Gives images of sample applications to the node and answers their names for a pod's `image`. They are built of the
 * machine's own Java and what Maven builds, without a container engine, once for each state of all that.
 *
 * @throws Error if they cannot be had; ask {@link whyNoSampleImages} first
 */
export async function loadSampleImages<Name extends SampleImage>(
  cluster: Cluster,
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const obstacle = await whyNoSampleImages(cluster);
  if (obstacle !== undefined) throw new Error(`No sample images, because ${obstacle}.`);
  const applications = await buildWithMaven('applications', join(HERE, '..', 'compat', 'applications'));
  const loaded = await listImages(cluster);
  const references: [Name, string][] = [];
  for (const name of names) {
    const jar = join(applications, SAMPLE_JARS[name]);
    const reference = `docker.io/millrace-test/${name}:${await hashOf(jar)}`;
    if (!loaded.has(reference)) await loadImage(cluster, await provideArchive(reference, jar));
    references.push([name, reference]);
  }
  return Object.fromEntries(references) as Record<Name, string>;
}

/** Gives an OCI or Docker image archive to the nodes. */
async function loadImage(cluster: Cluster, archive: string): Promise<void> {
  const [program, ...words] = loadCommand() ?? [];
  if (cluster.mode !== 'given') await runClusterScript(cluster, 'load-image.sh', archive);
  else if (program !== undefined) await run(program, [...words, archive], { maxBuffer: 16 << 20 });
}

/** How a cluster that is not ours gets an image archive: words to which its path is added. */
function loadCommand(): readonly string[] | undefined {
  const words = (process.env['MILLRACE_TEST_LOAD_IMAGE'] ?? '').split(' ').filter((word) => word !== '');
  return words.length === 0 ? undefined : words;
}

/** What a node of ours has; of others it is not known. */
async function listImages(cluster: Cluster): Promise<ReadonlySet<string>> {
  if (cluster.mode === 'given') return new Set();
  const command = ['ctr', '-a', '/run/containerd/containerd.sock', '-n', 'k8s.io', 'images', 'ls', '-q'];
  return new Set((await runClusterScript(cluster, 'node-exec.sh', ...command)).split('\n'));
}

/** The archive of an image of a jar, from the cache or made now; older ones of the same application go. */
async function provideArchive(reference: string, jar: string): Promise<string> {
  const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const cache = join(caches, 'millrace', 'cluster', 'sample-images');
  const file = `${basename(reference).replace(':', '-')}.tar`;
  const archive = join(cache, file);
  if (await exists(archive)) return archive;
  await mkdir(cache, { recursive: true });
  const workshop = await mkdtemp(join(tmpdir(), 'millrace-image-'));
  try {
    const [base, java, application] = ['base', 'java', 'application'].map((layer) => join(workshop, layer));
    if (base === undefined || java === undefined || application === undefined) throw new Error('three layers');
    await makeBase(base);
    await makeJava(java);
    await mkdir(application);
    await copyFile(jar, join(application, 'app.jar'));
    await run(MKIMAGE, [archive, reference, JSON.stringify(CONFIG), base, java, application]);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  const stem = file.slice(0, file.lastIndexOf('-') + 1);
  const outdated = (await readdir(cache)).filter((other) => other.startsWith(stem) && other !== file);
  await Promise.all(outdated.map((other) => rm(join(cache, other), { force: true })));
  return archive;
}

/** A shell, a place for temporary files, users. */
async function makeBase(layer: string): Promise<void> {
  for (const directory of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp']) {
    await mkdir(join(layer, directory), { recursive: true });
  }
  await run('sh', [
    '-c',
    `cp "$(command -v busybox)" "$1/bin/busybox" && chmod 1777 "$1/tmp" &&
     for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -sf busybox "$1/bin/$applet"; done &&
     echo root:x:0:0:root:/:/bin/sh >"$1/etc/passwd" && echo root:x:0: >"$1/etc/group"`,
    'sh',
    layer,
  ]);
}

/** This machine's Java without what only a compiler, a desktop or a reader needs, and the libraries of its C programs. */
async function makeJava(layer: string): Promise<void> {
  const home = await javaHome();
  const unneeded =
    /^(jmods|docs|man|include|legal|demo)$|^lib\/(src\.zip|ct\.sym)$|lib(awt|font|splash|jsound|lcms|mlib|atk|java?jpeg)/;
  await cp(home, join(layer, JAVA_HOME), {
    recursive: true,
    dereference: true,
    filter: (path) => !unneeded.test(relative(home, path)),
  });
  const here = join(layer, JAVA_HOME);
  const native = (await readdir(join(here, 'lib'), { recursive: true })).filter((path) => path.endsWith('.so'));
  await copyLibraries(layer, [join(here, 'bin/java'), ...native.map((path) => join(here, 'lib', path))]);
}

/** What programs of a layer need of this machine's libraries. */
async function copyLibraries(layer: string, programs: readonly string[]): Promise<void> {
  const { stdout } = await run('ldd', [...programs]);
  for (const library of new Set(stdout.match(/(?<=^\s+(\S+ => )?)\/\S+/gm))) {
    if (library.startsWith(layer) || library.endsWith(':')) continue;
    await mkdir(join(layer, dirname(library)), { recursive: true });
    await copyFile(library, join(layer, library));
  }
}

/**
 * Gives the node an image of this machine's Node and of the built server, as it would be shipped; its arguments are those of
 * `node dist/main.mjs`.
 * @returns its name for a pod's `image`
 */
export async function loadServerImage(cluster: Cluster): Promise<string> {
  const reference = 'docker.io/millrace-test/millrace:1';
  const workshop = await mkdtemp(join(tmpdir(), 'millrace-image-'));
  try {
    const [base, node, server] = ['base', 'node', 'server'].map((layer) => join(workshop, layer));
    if (base === undefined || node === undefined || server === undefined) throw new Error('three layers');
    await makeBase(base);
    await mkdir(join(node, 'usr/bin'), { recursive: true });
    await copyFile(process.execPath, join(node, 'usr/bin/node'));
    await copyLibraries(node, [join(node, 'usr/bin/node')]);
    await cp(join(HERE, '..', '..', 'dist'), join(server, 'dist'), {
      recursive: true,
      filter: (path) => !path.endsWith('.map') && basename(path) !== 'compiled',
    });
    const archive = join(workshop, 'image.tar');
    const config = { Entrypoint: ['node', '/dist/main.mjs'], Env: ['PATH=/usr/bin:/bin'], WorkingDir: '/' };
    await run(MKIMAGE, [archive, reference, JSON.stringify(config), base, node, server]);
    await loadImage(cluster, archive);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return reference;
}

async function javaHome(): Promise<string> {
  const { stderr } = await run('java', ['-XshowSettings:properties', '-version']);
  const home = /^\s*java\.home = (.+)$/m.exec(stderr)?.[1];
  if (home === undefined) throw new Error(`java does not say where it is:\n${stderr}`);
  return home;
}

/** Of everything that an image is made of. */
async function hashOf(jar: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(CONFIG));
  for (const file of [jar, MKIMAGE, fileURLToPath(import.meta.url), join(await javaHome(), 'release')]) {
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
