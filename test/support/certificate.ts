import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** Who a server says it is: a private key and its certificate, as PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };
const DAY = 24 * 3_600_000;

/** Makes a key and a certificate for an IP address that vouches for itself. */
export async function selfSignedCertificate(address: string): Promise<TlsIdentity> {
  const keys = await newKeys();
  const certificate = await selfSigned('millrace-test', keys, [addressOf(address)]);
  return { key: await pemOf(keys), certificate: certificate.toString('pem') };
}

/** An authority as a company has one: it vouches by its signature for the servers that it issues certificates to. */
export class CertificateAuthority {
  private constructor(
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly own: x509.X509Certificate,
  ) {}

  static async create(): Promise<CertificateAuthority> {
    const keys = await newKeys();
    const rights = [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ];
    return new CertificateAuthority(keys, await selfSigned('millrace-authority', keys, rights));
  }

  /** PEM, for those who are to trust it. */
  get certificate(): string {
    return this.own.toString('pem');
  }

  /** Makes a key and a certificate for an IP address, signed by this authority. */
  async issue(address: string): Promise<TlsIdentity> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity(),
      subject: 'CN=millrace-server',
      issuer: this.own.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: SIGNATURE,
      extensions: [addressOf(address), await x509.AuthorityKeyIdentifierExtension.create(this.own)],
    });
    return { key: await pemOf(keys), certificate: certificate.toString('pem') };
  }
}

function selfSigned(
  name: string,
  keys: webcrypto.CryptoKeyPair,
  extensions: x509.Extension[],
): Promise<x509.X509Certificate> {
  const facts = { ...validity(), name: `CN=${name}`, keys, extensions, signingAlgorithm: SIGNATURE };
  return x509.X509CertificateGenerator.createSelfSigned(facts);
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
}

async function pemOf({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
}

function addressOf(address: string): x509.Extension {
  return new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: address }]);
}

/** From yesterday, since clocks of containers may differ. */
function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
}
