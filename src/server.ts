import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import express, { type Application } from 'express';
import type { MillraceConfiguration } from './configuration/configuration.js';
import { isDatabaseUnavailable } from './database/database-unavailable.js';
import { NestLogger } from './observability/nest-logger.js';
import type { ServerLogger } from './observability/logger.js';
import { ApiDocument } from './openapi/api-document.js';
import { serveSwaggerUi } from './openapi/swagger-ui.js';
import { ErrorFilter } from './representation/error.filter.js';
import { HalAdapter } from './representation/hal-adapter.js';
import { answerClientErrors } from './representation/client-error.js';
import { formBody } from './representation/request-body.js';
import { acceptable, readableAddress } from './representation/request-checks.js';
import { ServerModule } from './server.module.js';

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:9393`, with the context path: where a person can open it. */
  readonly url: string;
  readonly port: number;
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
 * @throws DatabaseUnavailableError, SchemaRefusedError, or the system's error when the port is taken
 */
export async function startServer({ configuration, logger }: ServerInput): Promise<RunningServer> {
  const adapter = new HalAdapter(createExpress(configuration));
  const application = await NestFactory.create(ServerModule.with(configuration, logger), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  useMiddleware(adapter.getInstance<Application>(), configuration);
  application.useGlobalFilters(new ErrorFilter(isDatabaseUnavailable, logger));
  const { port, address, contextPath } = configuration.server;
  if (contextPath !== '') application.setGlobalPrefix(contextPath);
  application.get(ApiDocument).describes(application);
  answerClientErrors(application.getHttpServer() as Server);
  try {
    await (address === undefined ? application.listen(port) : application.listen(port, address));
  } catch (error) {
    await application.close();
    throw error;
  }
  const actualPort = portOf(application);
  const host = address === undefined || address === '0.0.0.0' || address === '::' ? 'localhost' : address;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}${contextPath}`,
    port: actualPort,
    application,
    close: () => application.close(),
  };
}

/** Its settings have to be there before Nest adds the first route. */
function createExpress({ server }: MillraceConfiguration): Application {
  const application = express();
  application.disable('x-powered-by');
  application.disable('etag');
  application.enable('case sensitive routing');
  application.set('query parser', false);
  application.set('millrace forward headers', server.forwardHeaders);
  application.set('millrace context path', server.contextPath);
  return application;
}

function useMiddleware(application: Application, configuration: MillraceConfiguration): void {
  const { contextPath, swaggerUi } = configuration.server;
  const pages = ['/dashboard', '/swagger-ui', '/v3/api-docs', configuration.management.basePath];
  const below = (paths: readonly string[]) =>
    paths.filter((path) => path !== '').map((path) => `${contextPath}${path}`);
  application.use(acceptable(below(pages), below(['/tasks/logs'])));
  application.use(readableAddress);
  application.use(formBody);
  if (swaggerUi) application.use(contextPath, serveSwaggerUi());
}

function portOf(application: INestApplication): number {
  const server = application.getHttpServer() as { address(): string | { readonly port: number } | null };
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}
