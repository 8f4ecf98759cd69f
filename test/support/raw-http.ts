import { connect } from 'node:net';

/**
 * Sends bytes that no HTTP library would send, and reads what comes back until the server closes.
 *
 * @param head request line and headers, each ended by CRLF; Content-Length is added for a body
 */
export function sendRaw(baseUrl: string, head: string, body: Buffer = Buffer.alloc(0)): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    const length = body.length === 0 ? '' : `Content-Length: ${body.length}\r\n`;
    socket.write(Buffer.concat([Buffer.from(`${head}${length}\r\n`), body]));
  });
}
