import { loadConfiguration } from '../configuration/load-configuration.js';
import { ConfigurationError } from '../configuration/problems.js';
import { unusableAccountSettings } from '../platforms/unusable-account-settings.js';
import { DemoProblem } from './demo-problem.js';

/** What the demo has to know of the settings that a server started here would have. */
export interface ServerSettings {
  /** Where a server is looked for, and started. */
  readonly port: number;
  /** Absolute. */
  readonly dataDirectory: string;
  /** False: the server brings its own PostgreSQL, which is reached from this machine only. */
  readonly hasDatabase: boolean;
}

/**
 * Reads the settings as the server itself does: `SERVER_PORT`, `MILLRACE_DATA_DIR`, files.
 * @throws DemoProblem for settings with which no server starts
 */
export async function readServerSettings(
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): Promise<ServerSettings> {
  try {
    const input = { environment, arguments: [], workingDirectory, check: unusableAccountSettings };
    const { configuration } = await loadConfiguration(input);
    const { server, millrace, datasource } = configuration;
    return { port: server.port, dataDirectory: millrace.dataDir, hasDatabase: datasource.url !== undefined };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new DemoProblem(error.message, '\nNo server starts with these settings.');
  }
}
