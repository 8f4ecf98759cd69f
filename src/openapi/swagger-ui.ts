import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express';
import { frameOf } from '../representation/request-frame.js';

/** The document as seen from the page; relative, so that prefixes of proxies do not matter. */
const DOCUMENT = '../v3/api-docs';

const OPTIONS = { customSiteTitle: 'Millrace API', swaggerUrl: DOCUMENT };

/**
 * Serves Swagger UI at `/swagger-ui/`: `index.html`, what it starts with, and its assets. The package is loaded when it is
 * first asked for; what it does not have is left to the next handler.
 */
export function serveSwaggerUi(): Router {
  const router = express.Router();
  let handlers: Promise<readonly RequestHandler[]> | undefined;
  router.use('/swagger-ui', (request: Request, response: Response, next: NextFunction) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next();
      return;
    }
    handlers ??= load();
    handlers.then((loaded) => runAll(loaded, request, response, next), next);
  });
  return router;
}

async function load(): Promise<readonly RequestHandler[]> {
  const { default: swaggerUi } = await import('swagger-ui-express');
  const page = swaggerUi.generateHTML(undefined, OPTIONS);
  const index: RequestHandler = (request, response, next) => {
    if (request.path === '/index.html') response.type('html').send(page);
    else if (request.path === '/') response.redirect(`${frameOf(request).baseUrl}/swagger-ui/index.html`);
    else next();
  };
  return [index, ...swaggerUi.serveFiles(undefined, OPTIONS)];
}

function runAll(handlers: readonly RequestHandler[], request: Request, response: Response, next: NextFunction): void {
  const [first, ...rest] = handlers;
  if (first === undefined) {
    next();
    return;
  }
  const proceed = (error?: unknown) => (error === undefined ? runAll(rest, request, response, next) : next(error));
  void first(request, response, proceed);
}
