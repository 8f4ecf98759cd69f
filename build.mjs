/**
 * Builds the server: compiles `src` and `migrations` with SWC (which keeps the types that Nest injects by), then bundles the
 * result into one file a program, since resolving thousands of small modules is most of a start.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transform } from '@swc/core';
import { build } from 'esbuild';
import peggy from 'peggy';
import { swcOptions } from './swc-options.mjs';

const root = import.meta.dirname;

/** Optional peers of Nest, TypeORM and pg that this server does not use. */
const NEVER_INSTALLED = [
  '@nestjs/microservices',
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  'class-transformer',
  'class-validator',
  'pg-native',
  'pg-query-stream',
  'typeorm-aurora-data-api-driver',
  'react-native-sqlite-storage',
  '@google-cloud/spanner',
  '@sap/hana-client',
  '@sap/hana-client/*',
  'better-sqlite3',
  'mongodb',
  'mssql',
  'mysql',
  'mysql2',
  'oracledb',
  'sql.js',
  'sqlite3',
  'ioredis',
  'redis',
  'expo-sqlite',
];

await generateGrammar();
if (!process.argv.includes('--grammar-only')) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await compile(['src', 'migrations']);
  await bundle();
  writeBuildFacts();
}

async function generateGrammar() {
  const source = join(root, 'grammar/task.peggy');
  const target = join(root, 'src/dsl/generated/task-grammar.js');
  const code = peggy.generate(await readFile(source, 'utf8'), {
    output: 'source',
    format: 'es',
    grammarSource: 'grammar/task.peggy',
    allowedStartRules: ['Task', 'Tokens', 'EndedValue'],
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}

async function compile(folders) {
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(root.length + 1);
      if (!entry.isFile() || !/\.(ts|js)$/.test(path) || /\.(spec|d)\.ts$/.test(path)) continue;
      const target = join(root, 'dist/compiled', path.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const source = await readFile(file, 'utf8');
      writeFileSync(
        target,
        path.endsWith('.js') ? source : (await transform(source, { ...swcOptions, filename: path })).code,
      );
    }
  }
}

async function bundle() {
  await build({
    entryPoints: {
      main: join(root, 'dist/compiled/src/main.js'),
      demo: join(root, 'dist/compiled/src/demo/demo.js'),
    },
    outdir: join(root, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    sourcemap: 'linked',
    external: await externals(),
    // Bundled CommonJS modules still call `require` for Node's own modules.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

/** What is not bundled: packages with binaries or files of their own, and what libraries ask for only when it is there. */
async function externals() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return [...Object.keys(optionalDependencies), '@nestjs/swagger', 'swagger-ui-express', ...NEVER_INSTALLED];
}

function writeBuildFacts() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const facts = {
    version,
    branch: git('rev-parse', '--abbrev-ref', 'HEAD'),
    commit: git('rev-parse', '--short', 'HEAD'),
    commitTime: git('log', '-1', '--format=%cI'),
    time: new Date().toISOString(),
  };
  writeFileSync(join(root, 'dist/build.json'), JSON.stringify(facts));
}

/** An archive of the sources has no history; then the facts are empty. */
function git(...words) {
  try {
    return execFileSync('git', words, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return '';
  }
}
