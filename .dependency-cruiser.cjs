/** The import rules of the house: who may know whom. Each rule says why. */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'A circle of imports is one module that pretends to be several.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'dsl-is-pure',
      severity: 'error',
      comment: 'The DSL is values in, values out: no framework, no database, no other room.',
      from: { path: '^src/dsl/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/dsl/', '^grammar/'] },
    },
    {
      name: 'composition-engine-is-pure',
      severity: 'error',
      comment:
        'What a composed task does next is values in, values out: no framework, no database, no clock; only the DSL.',
      from: { path: '^src/composition/engine/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/composition/engine/', '^src/dsl/'] },
    },
    {
      name: 'platforms-know-no-feature',
      severity: 'error',
      comment: 'A platform launches what it is told to; it knows neither rows nor routes.',
      from: { path: '^src/platforms/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/', pathNot: ['^src/(platforms|configuration|observability|resources)/'] },
    },
    {
      name: 'resources-know-files-only',
      severity: 'error',
      comment: 'Fetching a jar is the same for the registry and for a platform; it knows neither of them.',
      from: { path: '^src/resources/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/', pathNot: ['^src/(resources|configuration|observability)/'] },
    },
    {
      name: 'features-know-the-contract-only',
      severity: 'error',
      comment: 'Features speak to platforms through the contract, never to Kubernetes or Local.',
      from: {
        path: '^src/',
        pathNot: [
          '^src/platforms/',
          '^src/main\\.ts$',
          '^src/server\\.module\\.ts$',
          // No feature but a program of its own, a guest in the cluster.
          '^src/demo/kubernetes/cluster\\.ts$',
          '\\.spec\\.ts$',
        ],
      },
      to: { path: '^src/platforms/(kubernetes|local)/' },
    },
    {
      name: 'entities-stay-at-home',
      severity: 'error',
      comment:
        'A feature reaches another through its service, never through its rows or controller. ' +
        'What statements may join all the same: docs/decisions/0005-joins-across-features.md.',
      from: { path: '^src/([^/]+)/', pathNot: ['^src/database/', '\\.spec\\.ts$'] },
      to: { path: '^src/[^/]+/[^/]+\\.(entity|sql|controller)\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'no-way-out-of-the-tree',
      severity: 'error',
      comment: 'A clone stands alone.',
      from: {},
      to: { path: '^\\.\\./' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: 'generated' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'src/dsl/generated' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
