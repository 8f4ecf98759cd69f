import 'reflect-metadata';
import type { MillraceConfiguration } from './configuration/configuration.js';
import { ConfigurationError } from './configuration/problems.js';
import { loadConfiguration } from './configuration/load-configuration.js';
import { DatabaseUnavailableError } from './database/database-unavailable.js';
import { SchemaRefusedError } from './database/scdf/scdf-database.js';
import { createLogger } from './observability/logger.js';
import { unusableAccountSettings } from './platforms/unusable-account-settings.js';
import { messageOf } from './resources/system-error.js';
import { startServer } from './server.js';

/** Runs the server until a signal stops it. */
export async function serve(): Promise<void> {
  const loaded = await load();
  if (loaded === undefined) return;
  const { configuration, warnings } = loaded;
  const logger = await createLogger(configuration.logging.level, process.stdout.isTTY);
  for (const warning of warnings) logger.warn(warning);
  try {
    const server = await startServer({ configuration, logger });
    logger.info(
      {
        url: server.url,
        started: `${Math.round(process.uptime() * 1000)} ms`,
        ...(server.managementUrl === undefined ? {} : { management: server.managementUrl }),
        dataDir: configuration.millrace.dataDir,
      },
      `Millrace is up. Open ${server.url}/swagger-ui.html for the API, or run a first task: npm run demo`,
    );
    stopOnSignal(async () => {
      logger.info('stopping');
      await server.close();
    });
  } catch (error) {
    const sentence = forOperator(error, configuration);
    if (sentence === undefined) logger.fatal({ err: error }, messageOf(error));
    else logger.fatal(sentence);
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 2_000).unref();
  }
}

async function load() {
  try {
    return await loadConfiguration({
      environment: process.env,
      arguments: process.argv.slice(2),
      workingDirectory: process.cwd(),
      check: unusableAccountSettings,
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

/** What an operator can mend, in a sentence; undefined for a failure whose place in the code matters. */
function forOperator(error: unknown, configuration: MillraceConfiguration): string | undefined {
  if (error instanceof DatabaseUnavailableError || error instanceof SchemaRefusedError) return error.message;
  return portProblem(error, configuration);
}

/** What a person needs to know when the server cannot listen; undefined for any other failure. */
function portProblem(error: unknown, { server, management }: MillraceConfiguration): string | undefined {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return undefined;
  const { listener } = management;
  const apart = typeof listener === 'object' && 'port' in error && error.port === listener.port;
  const port = apart ? listener.port : server.port;
  const [property, variable] = apart
    ? ['management.server.port', 'MANAGEMENT_SERVER_PORT']
    : ['server.port', 'SERVER_PORT'];
  const advice = `Choose another port with --${property}=<port> or ${variable}.`;
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is taken by another process, perhaps a server that runs already. ${advice}`;
  if (error.code === 'EACCES') return `This user may not listen on port ${port}. ${advice}`;
  return undefined;
}

/** Signals this close together are one: npm hands on what the terminal has sent to the whole group already, ms. */
const ECHO = 500;

/** The first signal stops cleanly, a second one at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping !== undefined) {
        if (performance.now() - stopping > ECHO) process.exit(130);
        return;
      }
      stopping = performance.now();
      void stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
