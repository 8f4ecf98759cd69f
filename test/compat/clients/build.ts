import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithMaven } from '../../support/maven.js';

/** The clients as executable jars. */
export interface ClientJars {
  /** The REST client for Java, newest release on Maven Central, behind the driver of this folder. */
  readonly restClient: string;
  /** The same of a release from before schema targets. */
  readonly oldRestClient: string;
  readonly shell: string;
}

/** Builds the driver and fetches SCDF's clients; the first time that is some 250 MB. */
export async function buildClients(): Promise<ClientJars> {
  const built = await buildWithMaven('clients', dirname(fileURLToPath(import.meta.url)));
  return {
    restClient: join(built, 'rest-client-2.11', 'target', 'rest-client.jar'),
    oldRestClient: join(built, 'rest-client-2.8', 'target', 'rest-client.jar'),
    shell: join(built, 'shell', 'target', 'shell.jar'),
  };
}
