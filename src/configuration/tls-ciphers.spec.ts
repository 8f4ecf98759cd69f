import { describe, expect, it } from '@jest/globals';
import { cipherNames } from './tls-ciphers.js';

describe('cipherNames', () => {
  it.each([
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'ECDHE-ECDSA-AES256-SHA384'],
    ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
    ['TLS_DHE_RSA_WITH_AES_256_CBC_SHA', 'DHE-RSA-AES256-SHA'],
    ['TLS_RSA_WITH_AES_128_CBC_SHA256', 'AES128-SHA256'],
    ['SSL_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
    ['TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ['ecdhe-rsa-aes128-gcm-sha256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ])('%s is %s', (name, expected) => {
    expect(cipherNames([name])).toEqual({ known: [expected], unknown: [] });
  });

  it.each(['TLS_RSA_WITH_RC4_128_MD5', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV', 'ROT13', '', '!aNULL'])(
    'Node.js does not have %j',
    (name) => {
      expect(cipherNames([name])).toEqual({ known: [], unknown: [name] });
    },
  );
});
