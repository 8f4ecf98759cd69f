import { Injectable } from '@nestjs/common';
import { NO_METADATA, type AppMetadata, type ConfigurationProperty } from './app-metadata.js';
@Injectable()
export class AppMetadataService {
  async describe(_app: { uri: string; metadataUri: string | null }, _exhaustive: boolean): Promise<AppMetadata> {
    return NO_METADATA;
  }
  async visibleProperties(_app: {
    uri: string;
    metadataUri: string | null;
  }): Promise<readonly ConfigurationProperty[]> {
    return [];
  }
  async isResolvable(_app: { uri: string }): Promise<boolean> {
    return true;
  }
}
