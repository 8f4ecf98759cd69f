import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A sample application, and the task that the demo defines of it. */
export interface SampleApp {
  /** Name of app and task. The prefix keeps the demo's things apart from a user's own. */
  readonly name: string;
  readonly file: string;
  readonly about: string;
  readonly definition: string;
}

export const VERSION = '1.0.0';

/** The programs in `samples/`, which ship with the project. */
export const SAMPLE_APPS = {
  greeting: {
    name: 'demo-greeting',
    file: 'greeting.sh',
    about: 'prints the arguments and properties that it gets',
    definition: 'demo-greeting --greeting.text=Welcome',
  },
  import: {
    name: 'demo-import',
    file: 'import-orders.mjs',
    about: 'imports orders from a CSV file and shows its progress',
    definition: 'demo-import',
  },
  check: {
    name: 'demo-check',
    file: 'check-stock.sh',
    about: 'finds something wrong and ends with exit code 3',
    definition: 'demo-check',
  },
  watch: {
    name: 'demo-watch',
    file: 'watch-inbox.mjs',
    about: 'runs until somebody stops it',
    definition: 'demo-watch',
  },
} as const satisfies Record<string, SampleApp>;

/** Where a sample is, as an app registration says it. */
export function sampleUri(projectDirectory: string, app: SampleApp): string {
  return pathToFileURL(join(projectDirectory, 'samples', app.file)).href;
}
