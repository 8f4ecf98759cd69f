import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Makes a key and a certificate for an IP address that vouches for itself, as PEM, with OpenSSL. */
export async function selfSignedCertificate(address: string): Promise<{ key: string; certificate: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-certificate-'));
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  try {
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=millrace-test`;
    const name = ['-addext', `subjectAltName=IP:${address}`];
    await promisify(execFile)('openssl', [...words.split(' '), ...name, '-keyout', key, '-out', certificate]);
    return { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
