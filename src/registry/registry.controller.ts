import { Controller, Delete, Get, HttpCode, Post, Put } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { pagedResource, pageRequestOf } from '../representation/page.js';
import { choice, flag, optionalText, Parameters, text } from '../representation/parameters.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { APP_TYPES } from './app-registration.entity.js';
import {
  AppRegistrationPageSchema,
  appRegistrationResource,
  detailedAppRegistrationResource,
  DetailedAppRegistrationSchema,
} from './app-registration.resource.js';
import { parseBootVersion, parseBulkImport, parseVersion } from './bulk-import.js';
import { ImportReader } from './import-reader.js';
import { AppMetadataService } from './metadata/app-metadata.service.js';
import { APP_SORT_PROPERTIES, RegistryService } from './registry.service.js';

const type = choice('Kind of app', APP_TYPES);
const name = text('Name of the app');
const version = text('Version of the app');

const ListParameters = z.object({
  type: type.optional(),
  search: optionalText('Part of the name, in any case'),
  version: optionalText('The whole version, in any case'),
  defaultVersion: flag('Only default versions, each with all versions of its app', false),
});

const App = z.object({ type, name });
const AppVersion = z.object({ type, name, version });
const exhaustive = flag('All properties, also those that the app does not list as its own', false);

const registration = {
  uri: text('docker:, maven:, http(s): or file: URI of image, jar or program'),
  'metadata-uri': optionalText('Where the configuration metadata is, if not in the app itself'),
  bootVersion: text('Generation of Spring Boot: 2 or 3').optional(),
  force: flag('Overwrite the uris of a version that exists', false),
};
const RegisterParameters = z.object({ type, name, ...registration });
const RegisterVersionParameters = z.object({ type, name, version, ...registration });

const ImportParameters = z.object({
  uri: optionalText('Where a properties file of apps is'),
  apps: optionalText('The lines themselves: type.name=uri, type.name.metadata=uri, type.name.bootVersion=2|3'),
  force: flag('Overwrite the uris of versions that exist', false),
});

/** `/apps`: which image, jar or program a name in a task definition means. */
@Controller('apps')
export class RegistryController {
  constructor(
    private readonly registry: RegistryService,
    private readonly metadata: AppMetadataService,
    private readonly importReader: ImportReader,
  ) {}

  @Get()
  @Operation({
    summary: 'List registered apps',
    parameters: ListParameters,
    sortable: Object.keys(APP_SORT_PROPERTIES),
    answer: AppRegistrationPageSchema,
    refusals: [400],
  })
  async list(@Parameters(ListParameters) parameters: z.output<typeof ListParameters>, @Frame() frame: RequestFrame) {
    const request = pageRequestOf(frame);
    const { defaultVersion: defaultVersionOnly, ...filter } = parameters;
    const page = await this.registry.list(
      { type: filter.type, search: filter.search, version: filter.version, defaultVersionOnly },
      request,
    );
    const versions = defaultVersionOnly ? await this.registry.versionsOf(page.elements) : undefined;
    const resources = page.elements.map((app) =>
      appRegistrationResource(app, versions?.get(`${app.type}:${app.name}`) ?? null, frame),
    );
    return pagedResource('appRegistrationResourceList', resources, page.totalElements, request, frame);
  }

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Register many apps',
    description: 'Versions that exist are skipped unless forced; the answer lists those that were written.',
    parameters: ImportParameters,
    status: 201,
    answer: AppRegistrationPageSchema,
    refusals: [400, 409],
  })
  async importAll(
    @Parameters(ImportParameters) parameters: z.output<typeof ImportParameters>,
    @Frame() frame: RequestFrame,
  ) {
    const lines = parameters.uri === undefined ? (parameters.apps ?? '') : await this.importReader.read(parameters.uri);
    const written = await this.registry.registerAll(parseBulkImport(lines), parameters.force);
    const request = pageRequestOf(frame);
    const resources = written
      .slice(request.offset, request.offset + request.size)
      .map((app) => appRegistrationResource(app, null, frame));
    return pagedResource('appRegistrationResourceList', resources, written.length, request, { ...frame, query: [] });
  }

  @Delete()
  @Operation({ summary: 'Unregister all apps' })
  async unregisterAll(): Promise<void> {
    await this.registry.unregisterAll();
  }

  @Get(':type/:name')
  @Operation({
    summary: 'Show the default version of an app',
    parameters: App.extend({ exhaustive }),
    answer: DetailedAppRegistrationSchema,
    refusals: [400, 404],
  })
  async showDefault(@Parameters(App.extend({ exhaustive })) { type, name, exhaustive: all }: AppDetailParameters) {
    const app = await this.registry.find(type, name);
    return detailedAppRegistrationResource(app, await this.metadata.describe(app, all));
  }

  @Get(':type/:name/:version')
  @Operation({
    summary: 'Show a version of an app',
    parameters: AppVersion.extend({ exhaustive }),
    answer: DetailedAppRegistrationSchema,
    refusals: [400, 404],
  })
  async show(
    @Parameters(AppVersion.extend({ exhaustive }))
    { type, name, version, exhaustive: all }: AppDetailParameters & { readonly version: string },
  ) {
    const app = await this.registry.find(type, name, version);
    return detailedAppRegistrationResource(app, await this.metadata.describe(app, all));
  }

  @Post(':type/:name')
  @HttpCode(201)
  @Operation({
    summary: 'Register an app, its version taken from the uri',
    parameters: RegisterParameters,
    status: 201,
    refusals: [400, 409],
  })
  async register(@Parameters(RegisterParameters) parameters: z.output<typeof RegisterParameters>): Promise<void> {
    await this.registerVersion({ ...parameters, version: parseVersion(parameters.uri) });
  }

  @Post(':type/:name/:version')
  @HttpCode(201)
  @Operation({
    summary: 'Register a version of an app',
    parameters: RegisterVersionParameters,
    status: 201,
    refusals: [400, 409],
  })
  async registerVersion(
    @Parameters(RegisterVersionParameters) parameters: z.output<typeof RegisterVersionParameters>,
  ): Promise<void> {
    const { type, name, version, uri, force } = parameters;
    const metadataUri = parameters['metadata-uri'];
    await this.registry.register(
      {
        ...{ type, name, version, uri },
        metadataUri: metadataUri === undefined || metadataUri === '' ? null : metadataUri,
        bootVersion: parameters.bootVersion === undefined ? '2' : parseBootVersion(parameters.bootVersion),
      },
      force,
    );
  }

  @Put(':type/:name/:version')
  @HttpCode(202)
  @Operation({ summary: 'Make a version the default', parameters: AppVersion, status: 202, refusals: [400, 404] })
  async setDefault(@Parameters(AppVersion) { type, name, version }: z.output<typeof AppVersion>): Promise<void> {
    await this.registry.setDefault(type, name, version);
  }

  @Delete(':type/:name')
  @Operation({ summary: 'Unregister the default version of an app', parameters: App, refusals: [400, 404] })
  async unregisterDefault(@Parameters(App) { type, name }: z.output<typeof App>): Promise<void> {
    await this.registry.unregister(type, name);
  }

  @Delete(':type/:name/:version')
  @Operation({ summary: 'Unregister a version of an app', parameters: AppVersion, refusals: [400, 404] })
  async unregister(@Parameters(AppVersion) { type, name, version }: z.output<typeof AppVersion>): Promise<void> {
    await this.registry.unregister(type, name, version);
  }
}

type AppDetailParameters = z.output<typeof App> & { readonly exhaustive: boolean };
