import { availableParallelism } from 'node:os';
import { swcOptions } from './swc-options.mjs';

/** Unit tests beside the source and API tests in test/api: everything that needs nothing but Node. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', swcOptions],
  },
};

export default {
  // The machine may be busy; a test that hangs still ends.
  testTimeout: 60_000,
  // Much of a run is waiting; on two processors Jest would take one worker.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  forceExit: true,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{src,migrations}/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'api',
      testMatch: ['<rootDir>/test/api/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/jest-global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/jest-global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'compat',
      testMatch: ['<rootDir>/test/compat/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/compat-jest-setup.mjs',
      globalTeardown: '<rootDir>/test/support/compat-jest-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'cluster',
      testMatch: ['<rootDir>/test/cluster/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/cluster-jest-setup.mjs',
      globalTeardown: '<rootDir>/test/support/cluster-jest-teardown.mjs',
    },
  ],
};
