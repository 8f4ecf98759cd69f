import { type INestApplication, Injectable } from '@nestjs/common';
import { BUILD } from '../about/build.js';
import { operationDescription, operationKey } from '../representation/operation.js';
import { buildDocument, type Route } from './build-document.js';
import type { OpenApiDocument } from './openapi-types.js';

/** The OpenAPI document of this server, made when it is first asked for: most servers never are. */
@Injectable()
export class ApiDocument {
  private application: INestApplication | undefined;
  private document: Promise<OpenApiDocument> | undefined;

  /** Says of which application the document speaks. Has to be called before the first {@link at}. */
  describes(application: INestApplication): void {
    this.application = application;
  }

  /**
   * The document for clients that reach the server at a base URL.
   * @param baseUrl `https://host/prefix`, without trailing slash
   */
  async at(baseUrl: string): Promise<OpenApiDocument> {
    this.document ??= this.build();
    const { openapi, info, ...rest } = await this.document;
    return { openapi, info, servers: [{ url: baseUrl }], ...rest };
  }

  private async build(): Promise<OpenApiDocument> {
    if (this.application === undefined) throw new Error('The OpenAPI document was asked for before the server was up.');
    const routes = await routesOf(this.application);
    return buildDocument(routes, operationDescription, BUILD.version);
  }
}

/**
 * All routes of an application's controllers, without the context path. Importing `@nestjs/swagger` costs half a second and
 * some megabytes, so it waits until somebody asks.
 */
export async function routesOf(application: INestApplication): Promise<Route[]> {
  const { SwaggerModule } = await import('@nestjs/swagger');
  const { paths } = SwaggerModule.createDocument(
    application,
    { openapi: '3.1.0', info: { title: '', version: '' } },
    { operationIdFactory: operationKey, ignoreGlobalPrefix: true, autoTagControllers: false },
  );
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method,
      path,
      key: (operation as { readonly operationId: string }).operationId,
    })),
  );
}
