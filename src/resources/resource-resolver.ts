import { fileURLToPath } from 'node:url';
export class ResourceResolver {
  async resolve(uri: string): Promise<string> {
    return fileURLToPath(uri);
  }
}
