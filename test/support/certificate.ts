import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Who a server says it is: a private key and its certificate, as PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

/** Makes a key and a certificate for an IP address that vouches for itself, with OpenSSL. */
export function selfSignedCertificate(address: string): Promise<TlsIdentity> {
  return withOpenssl(async (openssl, file) => {
    const name = ['-addext', `subjectAltName=IP:${address}`];
    const files = ['-keyout', file('key'), '-out', file('certificate')];
    await openssl('req', '-x509', ...NEW_KEY, ...DAYS, '-subj', '/CN=millrace-test', ...name, ...files);
    return identityIn(file);
  });
}

/** An authority as a company has one: it vouches by its signature for the servers that it issues certificates to. */
export class CertificateAuthority {
  private constructor(private readonly own: TlsIdentity) {}

  static create(): Promise<CertificateAuthority> {
    return withOpenssl(async (openssl, file) => {
      await writeFile(file('configuration'), AUTHORITY_CONFIGURATION);
      const rights = ['-config', file('configuration'), '-extensions', 'authority', '-subj', '/CN=millrace-authority'];
      const files = ['-keyout', file('key'), '-out', file('certificate')];
      await openssl('req', '-x509', ...NEW_KEY, ...DAYS, ...rights, ...files);
      return new CertificateAuthority(await identityIn(file));
    });
  }

  /** PEM, for those who are to trust it. */
  get certificate(): string {
    return this.own.certificate;
  }

  /** Makes a key and a certificate for an IP address, signed by this authority. */
  issue(address: string): Promise<TlsIdentity> {
    return withOpenssl(async (openssl, file) => {
      await writeFile(file('authority-key'), this.own.key);
      await writeFile(file('authority'), this.own.certificate);
      await writeFile(file('extensions'), `subjectAltName=IP:${address}\n`);
      const request = ['-keyout', file('key'), '-out', file('request')];
      await openssl('req', '-new', ...NEW_KEY, '-subj', '/CN=millrace-server', ...request);
      const signed = ['-in', file('request'), '-extfile', file('extensions'), '-out', file('certificate')];
      const signer = ['-CA', file('authority'), '-CAkey', file('authority-key'), '-CAcreateserial'];
      await openssl('x509', '-req', ...DAYS, ...signer, ...signed);
      return identityIn(file);
    });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const DAYS = ['-days', '30'];
const AUTHORITY_CONFIGURATION = `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
`;

/** Runs OpenSSL on files of a directory that is gone afterwards. */
async function withOpenssl<Result>(
  work: (openssl: (...words: string[]) => Promise<unknown>, file: (name: string) => string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-certificate-'));
  try {
    return await work(
      (...words) => promisify(execFile)('openssl', words),
      (name) => join(directory, `${name}.pem`),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function identityIn(file: (name: string) => string): Promise<TlsIdentity> {
  return { key: await readFile(file('key'), 'utf8'), certificate: await readFile(file('certificate'), 'utf8') };
}
