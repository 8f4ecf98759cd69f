import { getCiphers } from 'node:tls';

/** The same cipher suites in OpenSSL's names, and those that Node.js does not have. */
export interface CipherNames {
  readonly known: readonly string[];
  readonly unknown: readonly string[];
}

/**
 * Translates cipher suites from Java's names, which are IANA's (`TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`), to OpenSSL's
 * (`ECDHE-RSA-AES128-GCM-SHA256`); a name of OpenSSL stays.
 */
export function cipherNames(names: readonly string[]): CipherNames {
  const available = new Set(getCiphers());
  const known: string[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const translated = opensslName(name);
    if (available.has(translated.toLowerCase())) known.push(translated);
    else unknown.push(name);
  }
  return { known, unknown };
}

function opensslName(name: string): string {
  const parts = /^(?:TLS|SSL)_(\w+)_WITH_(\w+)$/i.exec(name);
  // The suites of TLS 1.3 name no key exchange and bear one name everywhere.
  if (parts === null) return name.toUpperCase();
  const [, exchange = '', cipher = ''] = parts.map((part) => part.toUpperCase());
  const short = cipher
    .replace(/^(AES|ARIA|CAMELLIA)_(\d+)_/, '$1$2_')
    // OpenSSL names neither the mode nor the digest where there is no choice.
    .replace('_CBC_', '_')
    .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305');
  return [...(exchange === 'RSA' ? [] : [exchange]), short].join('_').replaceAll('_', '-');
}
