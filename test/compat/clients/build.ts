import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithMaven } from '../../support/maven.js';

/** The clients: executable jars, and what a browser loads. */
export interface Clients {
  /** The REST client for Java, newest release on Maven Central, behind the driver of this folder. */
  readonly restClient: string;
  /** The same of a release from before schema targets. */
  readonly oldRestClient: string;
  readonly shell: string;
  /** Directory with the files of the dashboard, `index.html` among them. */
  readonly dashboard: string;
}

/** Builds the driver and fetches SCDF's clients; the first time that is some 250 MB. */
export async function buildClients(): Promise<Clients> {
  const built = await buildWithMaven('clients', dirname(fileURLToPath(import.meta.url)));
  return {
    restClient: join(built, 'rest-client-2.11', 'target', 'rest-client.jar'),
    oldRestClient: join(built, 'rest-client-2.8', 'target', 'rest-client.jar'),
    shell: join(built, 'shell', 'target', 'shell.jar'),
    dashboard: join(built, 'dashboard', 'target', 'public', 'dashboard'),
  };
}
