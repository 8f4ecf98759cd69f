import 'reflect-metadata';
import { ConfigurationError } from './configuration/problems.js';
import { loadConfiguration } from './configuration/load-configuration.js';
import { createLogger } from './observability/logger.js';
import { startServer } from './server.js';

await main();

async function main(): Promise<void> {
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
        dataDir: configuration.millrace.dataDir,
      },
      `Millrace is up. Open ${server.url}/swagger-ui.html for the API, or run a first task: npm run demo`,
    );
    stopOnSignal(async () => {
      logger.info('stopping');
      await server.close();
    });
  } catch (error) {
    logger.fatal({ err: error }, error instanceof Error ? error.message : String(error));
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
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

/** The first signal stops cleanly, a second one at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(130);
      stopping = true;
      void stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
