/**
 * How TypeScript is compiled, for the build, the tests and the measurements alike: decorators with the types that Nest
 * injects by, and class fields as they were before ES2022, which TypeORM's entities expect.
 */
export const swcOptions = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
};
