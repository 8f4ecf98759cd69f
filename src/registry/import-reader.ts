import { readFile } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { fileURLToPath } from 'node:url';
@Injectable()
export class ImportReader {
  async read(uri: string): Promise<string> {
    return readFile(fileURLToPath(uri), 'utf8');
  }
}
