import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { SecureContextOptions, TlsOptions, TLSSocket } from 'node:tls';
import type { DynamicModule, INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express, { type Application } from 'express';
import type { ServerSslConfiguration } from './configuration/configuration.js';
import { isDatabaseUnavailable } from './database/database-unavailable.js';
import { NestLogger } from './observability/nest-logger.js';
import type { ServerLogger } from './observability/logger.js';
import { answerClientErrors } from './representation/client-error.js';
import { ErrorFilter } from './representation/error.filter.js';
import { HalAdapter } from './representation/hal-adapter.js';

/** An address that is listened on, and how requests that come in there are read. */
export interface Listener {
  readonly port: number;
  /** undefined listens on all interfaces. */
  readonly address: string | undefined;
  /** Path below which everything is served, without trailing slash; empty for the root. */
  readonly contextPath: string;
  /** Whether headers of proxies decide the links of answers. */
  readonly forwardHeaders: boolean;
  /** undefined serves plain HTTP. */
  readonly ssl: ServerSslConfiguration | undefined;
}

/**
 * Makes a Nest application that answers as SCDF does, for {@link listen}.
 * @param prepare adds middleware, before the first route is there
 */
export async function createApplication(
  module: DynamicModule,
  listener: Listener,
  logger: ServerLogger,
  prepare: (application: Application) => void,
): Promise<INestApplication> {
  const adapter = new HalAdapter(createExpress(listener));
  const application = await NestFactory.create(module, adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
    ...(listener.ssl === undefined ? {} : { httpsOptions: httpsOptions(listener.ssl) }),
  });
  prepare(adapter.getInstance<Application>());
  application.useGlobalFilters(new ErrorFilter(isDatabaseUnavailable, logger));
  if (listener.contextPath !== '') application.setGlobalPrefix(listener.contextPath);
  const server = application.getHttpServer() as Server;
  answerClientErrors(server);
  if (listener.ssl?.clientAuth === 'want') refuseUnknownCertificates(server as HttpsServer);
  return application;
}

/**
 * Starts to listen.
 * @returns the port, and the URL at which a person can open the server
 * @throws the system's error when the port is taken; the application is closed then
 */
export async function listen(
  application: INestApplication,
  { port, address, contextPath, ssl }: Listener,
): Promise<{ readonly port: number; readonly url: string }> {
  try {
    await (address === undefined ? application.listen(port) : application.listen(port, address));
  } catch (error) {
    await application.close();
    throw error;
  }
  const actualPort = portOf(application);
  const host = address === undefined || address === '0.0.0.0' || address === '::' ? 'localhost' : address;
  const scheme = ssl === undefined ? 'http' : 'https';
  return {
    port: actualPort,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${actualPort}${contextPath}`,
  };
}

/** Its settings have to be there before Nest adds the first route. */
function createExpress({ forwardHeaders, contextPath }: Listener): Application {
  const application = express();
  application.disable('x-powered-by');
  application.disable('etag');
  application.enable('case sensitive routing');
  application.set('query parser', false);
  application.set('millrace forward headers', forwardHeaders);
  application.set('millrace context path', contextPath);
  return application;
}

function httpsOptions(ssl: ServerSslConfiguration): NonNullable<NestApplicationOptions['httpsOptions']> {
  const options: SecureContextOptions & TlsOptions = {
    requestCert: ssl.clientAuth !== 'none',
    rejectUnauthorized: ssl.clientAuth === 'need',
    pfx: ssl.keyStore === undefined ? undefined : Buffer.from(ssl.keyStore, 'base64'),
    cert: ssl.certificate,
    key: ssl.privateKey,
    passphrase: ssl.password,
    ca: ssl.trustedCertificates,
    minVersion: ssl.minimumVersion,
    maxVersion: ssl.maximumVersion,
    ciphers: ssl.ciphers,
  };
  // Nest's type names fewer options than it hands on to Node.
  return options as NonNullable<NestApplicationOptions['httpsOptions']>;
}

/** `client-auth=want`: a client may come without a certificate, but not with one that nobody trusted has signed (Tomcat). */
function refuseUnknownCertificates(server: HttpsServer): void {
  server.on('secureConnection', (socket: TLSSocket) => {
    const shown = Object.keys(socket.getPeerCertificate()).length > 0;
    if (shown && !socket.authorized) socket.destroy();
  });
}

function portOf(application: INestApplication): number {
  const server = application.getHttpServer() as { address(): string | { readonly port: number } | null };
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}
