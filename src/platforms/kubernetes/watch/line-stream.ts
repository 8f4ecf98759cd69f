/** Lines of a byte stream, as they come. */
import { StringDecoder } from 'node:string_decoder';

/** A line that is longer than this is a sign that something else speaks, characters. An object of etcd has 1.5 MB at most. */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * @param onBytes called for everything that arrives, whole line or not
 * @returns lines without their line breaks; an unfinished last line is left out when `whole` is true
 * @throws Error for an endless line, and whatever the stream fails with
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  options: { readonly whole: boolean; readonly onBytes?: () => void },
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of stream) {
    options.onBytes?.();
    let text = decoder.write(chunk);
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      parts.push(text.slice(0, end));
      yield parts.length === 1 ? (parts[0] ?? '') : parts.join('');
      parts = [];
      length = 0;
      text = text.slice(end + 1);
    }
    if (text !== '') parts.push(text);
    length += text.length;
    if (length > LONGEST_LINE) throw new Error(`a line of more than ${LONGEST_LINE} characters`);
  }
  if (!options.whole && parts.length > 0) yield parts.join('') + decoder.end();
}
