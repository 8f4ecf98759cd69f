import { describe, expect, it } from '@jest/globals';
import { tlsTrouble } from './tls-trouble.js';

describe('tlsTrouble', () => {
  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "IP: 127.0.0.1 is not in the cert's list: x", 'for another name (IP: 127.0.0.1'],
    ['CERT_HAS_EXPIRED', 'certificate has expired', 'cannot be used (certificate has expired): it has to be replaced'],
    ['EPROTO', 'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:x.c:350:', 'http://'],
  ])('%s: a sentence that says what to do', (code, message, expected) => {
    expect(tlsTrouble(Object.assign(new Error(message), { code }))).toContain(expected);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPROTO', undefined])('%s may pass', (code) => {
    expect(tlsTrouble(Object.assign(new Error('away'), { code }))).toBeNull();
  });
});
