import type { INestApplication } from '@nestjs/common';
import type { Application } from 'express';
import type { MillraceConfiguration } from './configuration/configuration.js';
import { createApplication, listen, type Listener } from './listener.js';
import { ManagementModule } from './management/management.module.js';
import type { ServerLogger } from './observability/logger.js';
import { ApiDocument } from './openapi/api-document.js';
import { serveSwaggerUi } from './openapi/swagger-ui.js';
import { formBody } from './representation/request-body.js';
import { acceptable, readableAddress } from './representation/request-checks.js';
import { ServerModule } from './server.module.js';

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:9393`, with the context path: where a person can open it. */
  readonly url: string;
  readonly port: number;
  /** Base of the management endpoints, if they have a listener of their own. */
  readonly managementUrl: string | undefined;
  readonly application: INestApplication;
  /** Stops listening, lets what is under way end, and closes platforms and database. */
  close(): Promise<void>;
}

/** What a server is started with. */
export interface ServerInput {
  readonly configuration: MillraceConfiguration;
  readonly logger: ServerLogger;
}

/**
 * Starts a server: database, platforms, HTTP.
 * @throws DatabaseUnavailableError, SchemaRefusedError, or the system's error when a port is taken
 */
export async function startServer(input: ServerInput): Promise<RunningServer> {
  const { configuration, logger } = input;
  const module = ServerModule.with(configuration, logger);
  const application = await createApplication(module, configuration.server, logger, (instance) =>
    useMiddleware(instance, configuration),
  );
  application.get(ApiDocument).describes(application);
  const { url, port } = await listen(application, configuration.server);
  const management = await startManagement(input, application);
  return {
    url,
    port,
    managementUrl: management?.url,
    application,
    async close() {
      // Who watches the server goes on seeing it while it ends.
      await application.close();
      await management?.close();
    },
  };
}

/** `management.server.port`: the management endpoints alone, as Spring Boot has them. */
async function startManagement(
  { configuration, logger }: ServerInput,
  server: INestApplication,
): Promise<{ readonly url: string; close(): Promise<void> } | undefined> {
  const { listener: apart, basePath } = configuration.management;
  if (apart === 'server' || apart === 'none') return undefined;
  const { port, address, ssl } = apart;
  const listener: Listener = {
    port,
    address,
    ssl,
    contextPath: apart.basePath,
    forwardHeaders: configuration.server.forwardHeaders,
  };
  try {
    const module = ManagementModule.apart(configuration, server);
    const application = await createApplication(module, listener, logger, (instance) => {
      instance.use(acceptable([`${listener.contextPath}${basePath}`]));
      instance.use(readableAddress);
    });
    const { url } = await listen(application, listener);
    return { url: `${url}${basePath}`, close: () => application.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function useMiddleware(application: Application, { server, management }: MillraceConfiguration): void {
  const { contextPath, swaggerUi } = server;
  const pages = ['/dashboard', '/swagger-ui', '/v3/api-docs', management.basePath];
  application.use(acceptable(pages.filter((page) => page !== '').map((page) => `${contextPath}${page}`)));
  application.use(readableAddress);
  application.use(formBody);
  if (swaggerUi) application.use(contextPath, serveSwaggerUi());
}
