/** What OpenSSL says of a certificate whose authority nobody has named. */
const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);
const ANOTHER_NAME = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']);
const UNUSABLE = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

const OR_SKIP = 'or set skip-tls-certificate-verification=true, which takes any certificate';

/**
 * Why no TLS connection comes about that does not come about by waiting either, and what to do; null for other errors.
 * @param error of Node's TLS client, whose codes are those of OpenSSL's certificate verification
 */
export function tlsTrouble({ code = '', message }: Error & { readonly code?: string }): string | null {
  if (UNKNOWN_AUTHORITY.has(code)) {
    return `the certificate is signed by nobody whom this process trusts (${message}): name a PEM file with its authority in the variable NODE_EXTRA_CA_CERTS, ${OR_SKIP}`;
  }
  if (ANOTHER_NAME.has(code)) {
    return `the certificate is for another name (${message}): use the name that is in it, ${OR_SKIP}`;
  }
  if (UNUSABLE.has(code)) return `the certificate cannot be used (${message}): it has to be replaced, ${OR_SKIP}`;
  if (/:wrong version number\b/.test(message)) {
    return 'what answers there does not speak TLS: perhaps the address begins with http://';
  }
  return null;
}
