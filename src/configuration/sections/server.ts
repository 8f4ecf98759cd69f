import type { ServerConfiguration } from '../configuration.js';
import { bool, choice, dataSize, integer, text, urlPath } from '../property-types.js';
import { optionalProperty, property } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { readSsl, serverSslProperties, type SslSurroundings } from './ssl.js';

export const serverProperties = {
  port: property('server.port', {
    type: integer(0, 65535),
    default: '9393',
    meaning: 'Port of the HTTP server; 0 takes a free one.',
  }),
  address: optionalProperty('server.address', {
    type: text,
    meaning: 'Address to listen on; all interfaces if not set.',
  }),
  contextPath: property('server.servlet.context-path', {
    type: urlPath,
    default: '/',
    meaning: 'Path below which everything is served.',
  }),
  forwardHeaders: property('server.forward-headers-strategy', {
    type: choice('none', 'native', 'framework'),
    default: 'framework',
    meaning: 'Whether X-Forwarded-* and Forwarded headers decide the links in answers; `none` ignores them.',
  }),
  maximumFileSize: property('spring.servlet.multipart.max-file-size', {
    type: dataSize,
    default: '1MB',
    meaning: 'Largest file that may be uploaded.',
  }),
  apiDocument: property('springdoc.api-docs.enabled', {
    type: bool,
    default: 'true',
    meaning: 'Whether the OpenAPI document is served at /v3/api-docs.',
  }),
  swaggerUi: property('springdoc.swagger-ui.enabled', {
    type: bool,
    default: 'true',
    meaning: 'Whether the pages that show the OpenAPI document are served at /swagger-ui.html.',
  }),
} as const;

export async function readServer(reader: PropertyReader, surroundings: SslSurroundings): Promise<ServerConfiguration> {
  const p = serverProperties;
  return {
    port: reader.value(p.port),
    address: reader.value(p.address),
    contextPath: reader.value(p.contextPath),
    forwardHeaders: reader.value(p.forwardHeaders) !== 'none',
    maximumFileSize: reader.value(p.maximumFileSize),
    apiDocument: reader.value(p.apiDocument),
    swaggerUi: reader.value(p.swaggerUi),
    ssl: await readSsl(reader, serverSslProperties, surroundings),
  };
}
