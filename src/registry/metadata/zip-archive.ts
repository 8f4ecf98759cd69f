import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Entry, fromBufferPromise, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { messageOf } from '../../resources/system-error.js';

/** The file is no zip archive, is damaged, or breaks a limit. The message says which. */
export class UnreadableArchiveError extends Error {
  override readonly name = 'UnreadableArchiveError';
}

/** An entry of an archive; directories are not listed. */
export interface ArchiveEntry {
  readonly name: string;
  /** Uncompressed, bytes, as the archive claims. */
  readonly size: number;
  /**
   * The entry's bytes, uncompressed.
   * @throws UnreadableArchiveError when there are more than `limit` bytes, or the data is damaged
   */
  read(limit: number): Promise<Buffer>;
  /**
   * Opens the entry as an archive of its own: in place if it is stored, in memory (at most `limit` bytes) if it is deflated.
   * @throws UnreadableArchiveError
   */
  openArchive(limit: number): Promise<Archive>;
}

/** A zip archive whose directory is read; valid as long as the file it was opened from. */
export interface Archive {
  readonly entries: readonly ArchiveEntry[];
}

/** More entries than any jar has; keeps a made-up directory from filling the memory. */
const MAXIMUM_ENTRIES = 200_000;
/** End-of-directory record (22 bytes) and its comment (65535 at most). */
const END_RECORD_SEARCH = 22 + 0xffff;
const END_RECORD_SIGNATURE = 0x06054b50;
const BLOCK_LENGTH = 65_536;

/**
 * Opens a zip file for reading at random, hands it to `use`, and closes it whatever happens.
 * @throws UnreadableArchiveError, the file system's errors, and what `use` throws
 */
export async function withArchive<T>(path: string, use: (archive: Archive) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await use(await openRange(file, 0, size));
  } finally {
    await file.close();
  }
}

async function openRange(file: FileHandle, start: number, size: number): Promise<Archive> {
  const prefix = await prefixLength(file, start, size);
  const reader = new FileRange(file, start + prefix, size - prefix);
  const zip = await readable(fromRandomAccessReaderPromise(reader, size - prefix, { autoClose: false }));
  return { entries: await entriesOf(zip, (entry) => inPlace(file, start + prefix, zip, entry)) };
}

async function openBuffer(buffer: Buffer): Promise<Archive> {
  const zip = await readable(fromBufferPromise(buffer));
  return { entries: await entriesOf(zip, () => undefined) };
}

async function entriesOf(
  zip: ZipFile,
  placeOf: (entry: Entry) => Promise<Archive> | undefined,
): Promise<readonly ArchiveEntry[]> {
  if (zip.entryCount > MAXIMUM_ENTRIES) {
    throw new UnreadableArchiveError(`${zip.entryCount} entries are too many; at most ${MAXIMUM_ENTRIES} are read`);
  }
  const entries: ArchiveEntry[] = [];
  await readable(
    (async () => {
      for await (const entry of zip.eachEntry()) {
        if (entry.fileName.endsWith('/')) continue;
        const read = (limit: number) => readable(contentOf(zip, entry, limit));
        entries.push({
          name: entry.fileName,
          size: entry.uncompressedSize,
          read,
          openArchive: async (limit) => (await placeOf(entry)) ?? openBuffer(await read(limit)),
        });
      }
    })(),
  );
  return entries;
}

/** @returns undefined for an entry that is not stored as it is */
function inPlace(file: FileHandle, start: number, zip: ZipFile, entry: Entry): Promise<Archive> | undefined {
  if (entry.compressionMethod !== 0 || entry.isEncrypted()) return undefined;
  return readable(zip.readLocalFileHeaderPromise(entry, { minimal: true })).then(({ fileDataStart }) =>
    openRange(file, start + fileDataStart, entry.uncompressedSize),
  );
}

async function contentOf(zip: ZipFile, entry: Entry, limit: number): Promise<Buffer> {
  if (entry.uncompressedSize > limit) throw tooLarge(entry, limit);
  const chunks: Buffer[] = [];
  let length = 0;
  // The claimed size is the archive's word only, so what really comes is counted too.
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge(entry, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(entry: Entry, limit: number): UnreadableArchiveError {
  return new UnreadableArchiveError(`entry ${entry.fileName} is larger than ${limit} bytes`);
}

/**
 * How many bytes stand before the archive. Executable Spring Boot jars begin with a shell script, and the offsets in their
 * directory count from the end of it.
 */
async function prefixLength(file: FileHandle, start: number, size: number): Promise<number> {
  const length = Math.min(size, END_RECORD_SEARCH);
  const tail = Buffer.alloc(length);
  await readFully(file, tail, start + size - length);
  for (let at = length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_RECORD_SIGNATURE) continue;
    const directorySize = tail.readUInt32LE(at + 12);
    const directoryOffset = tail.readUInt32LE(at + 16);
    // Zip64 archives keep both elsewhere and put this number here.
    if (directorySize === 0xffffffff || directoryOffset === 0xffffffff) return 0;
    return Math.max(0, size - length + at - directorySize - directoryOffset);
  }
  return 0;
}

async function readFully(file: FileHandle, buffer: Buffer, position: number): Promise<void> {
  for (let done = 0; done < buffer.length;) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw new UnreadableArchiveError('the file ends too early');
    done += bytesRead;
  }
}

/** Errors of the zip library carry no class of their own. */
async function readable<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof UnreadableArchiveError) throw error;
    throw new UnreadableArchiveError(messageOf(error), { cause: error });
  }
}

/**
 * A part of an open file, as the zip library wants to read it; closing the file stays with its owner. The library reads a
 * directory record by record, a few dozen bytes each, so reads come out of blocks.
 */
class FileRange extends RandomAccessReader {
  private block = { start: 0, bytes: Buffer.alloc(0) };

  constructor(
    private readonly file: FileHandle,
    private readonly start: number,
    private readonly size: number,
  ) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(chunksOf(this.file, this.start + start, this.start + end), { objectMode: false });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.fill(buffer.subarray(offset, offset + length), position).then(
      () => callback(null),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }

  private async fill(target: Buffer, position: number): Promise<void> {
    if (position < 0 || position + target.length > this.size) {
      throw new UnreadableArchiveError('a record lies outside of the file');
    }
    if (target.length > BLOCK_LENGTH) return readFully(this.file, target, this.start + position);
    let block = this.block;
    if (position < block.start || position + target.length > block.start + block.bytes.length) {
      const bytes = Buffer.alloc(Math.min(BLOCK_LENGTH, this.size - position));
      await readFully(this.file, bytes, this.start + position);
      this.block = block = { start: position, bytes };
    }
    block.bytes.copy(target, 0, position - block.start);
  }
}

async function* chunksOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const chunk = Buffer.alloc(Math.min(BLOCK_LENGTH, end - at));
    await readFully(file, chunk, at);
    at += chunk.length;
    yield chunk;
  }
}
