import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type ServerLogger } from '../../observability/logger.js';
import { ResourceResolver } from '../../resources/resource-resolver.js';
import { withoutCredentials } from '../../resources/credentials.js';
import { messageOf } from '../../resources/system-error.js';
import { type AppMetadata, type ConfigurationProperty, NO_METADATA } from './app-metadata.js';
import { IMAGE_LABEL_READER, type ImageLabelReader } from './image-label-reader.js';
import { MetadataCache } from './metadata-cache.js';
import { freshFor, lookAt, type MetadataSources } from './metadata-source.js';

/** The part of an app registration that says where its metadata is. */
export interface MetadataLocation {
  readonly uri: string;
  /** A jar or image made for metadata only; null: the app itself has it. */
  readonly metadataUri: string | null;
}

/** How long an image's tag, a snapshot and a URL are taken to stand for the same thing, ms. */
const MOVABLE_FRESH_FOR = 60_000;
/** How long something that could not be read is left alone, ms. */
const FAILURE_FOR = 30_000;

/** Knows what apps say about their configuration, in the metadata of their jars and the labels of their images. */
@Injectable()
export class AppMetadataService {
  private readonly sources: MetadataSources;
  private readonly cache: MetadataCache;

  constructor(
    @Inject(ResourceResolver) resources: Pick<ResourceResolver, 'resolve'>,
    @Inject(IMAGE_LABEL_READER) images: ImageLabelReader,
    @Inject(LOGGER) private readonly logger: Pick<ServerLogger, 'warn'>,
  ) {
    this.sources = { resources, images };
    this.cache = new MetadataCache({
      lookAt: (uri) => lookAt(uri, this.sources),
      freshFor: (uri) => freshFor(uri, MOVABLE_FRESH_FOR),
      failureFor: FAILURE_FOR,
      onFailure: (uri, reason) =>
        this.logger.warn({ uri: withoutCredentials(uri), reason }, 'The metadata of an app cannot be read'),
      now: () => performance.now(),
    });
  }

  /**
   * What the app says about itself. Never fails: of an app whose metadata cannot be had, nothing is shown.
   * @param exhaustive everything that the app and its libraries declare, not only what it declares as visible
   */
  async describe(app: MetadataLocation, exhaustive: boolean): Promise<AppMetadata> {
    const uri = locationOf(app);
    return (await (exhaustive ? this.cache.exhaustive(uri) : this.cache.visible(uri))) ?? NO_METADATA;
  }

  /** The properties that the app declares as visible; they are the ones that have short names. Never fails. */
  async visibleProperties(app: MetadataLocation): Promise<readonly ConfigurationProperty[]> {
    return (await this.describe(app, false)).options;
  }

  /** Whether there is something behind the app's uri now: a file, an artifact or an image. Never fails. */
  async isResolvable(app: Pick<MetadataLocation, 'uri'>): Promise<boolean> {
    try {
      await lookAt(app.uri, this.sources);
      return true;
    } catch (error) {
      this.logger.warn({ uri: withoutCredentials(app.uri), reason: messageOf(error) }, 'An app cannot be resolved');
      return false;
    }
  }
}

function locationOf({ uri, metadataUri }: MetadataLocation): string {
  return metadataUri === null || metadataUri.trim() === '' ? uri : metadataUri;
}
