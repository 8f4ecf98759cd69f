/**
 * A key and a self-signed certificate for the loopback interface (`localhost`, `127.0.0.1`, `::1`), good from 2024 to 2124,
 * and key stores with them. They open nothing: only tests know them. Made with OpenSSL 3 (a P-256 key; `openssl ca -selfsign`,
 * which takes the dates, with `basicConstraints=critical,CA:TRUE`) and Java 17:
 *
 *     openssl pkcs12 -export -inkey key.pem -in cert.pem -name millrace -passout pass:test-password -out store.p12
 *     openssl pkcs12 -export -legacy -inkey key.pem -in cert.pem -name millrace -passout pass:test-password -out old.p12
 *     keytool -importkeystore -srckeystore store.p12 -destkeystore store.jks -deststoretype jks
 */
export const TLS = {
  password: 'test-password',
  certificate: `-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1taWxscmFj
ZSB0ZXN0MCAXDTI0MDEwMTAwMDAwMFoYDzIxMjQwMTAxMDAwMDAwWjAYMRYwFAYD
VQQDDA1taWxscmFjZSB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMc9o
DH6FCGT2oeO3PW7bHQUvXOUbh5eMvnC+H8klwjn3amXovL72Nk4CTp81TlrMfuca
n4SA0uJfQAIHjr1O2KNgMF4wDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUfvhC
K+iWg4zkNi326QBAm8fn0r4wLAYDVR0RBCUwI4IJbG9jYWxob3N0hwR/AAABhxAA
AAAAAAAAAAAAAAAAAAABMAoGCCqGSM49BAMCA0gAMEUCIQDcpw6ComaO3PPQbZTx
BYvaHNe1yZ01rVSSMcuZB7Tf6gIgaVN9IoZyzlG3prjb3iYqLUSzjhy70taovwYi
roH26HI=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeybjgze7MZSa5fgz
3BIw1zDc6XiF/u/+IjZ9dCcjSu+hRANCAAQxz2gMfoUIZPah47c9btsdBS9c5RuH
l4y+cL4fySXCOfdqZei8vvY2TgJOnzVOWsx+5xqfhIDS4l9AAgeOvU7Y
-----END PRIVATE KEY-----
`,
  /** Base64. */
  keyStore: [
    'MIIETQIBAzCCBAMGCSqGSIb3DQEHAaCCA/QEggPwMIID7DCCAoIGCSqGSIb3DQEHBqCCAnMwggJvAgEAMIICaAYJKoZIhvcNAQcBMFcGCSqGSIb3',
    'DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg7z7jxMmPRkQICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEKIE2PMy6YpySjt2qjxjf0KAggIA',
    '4xfnqiYMGVpOmv/GPhf6AIb+/lDOtOzcXSKecLgrTQ+Hyuhpr9LKERxcR8ZituDyJiDPWKMx18lCx6rs00KRZJ2/CjFQeMDBE8mKpjfI9veHuazS',
    '0g8v6OwYdXwKT6RxDfr66uNx06vXHfAjwvN4i//IB7jQf6zNnRO2nuavaol3EAsQ+9NsNYn8DQISYNjKjvqS1gfxFOwAEuFB5CfFDUrEVN+2RyXd',
    'A6eL8rXgyI0KL/E3wzZnbFibggMx9nNrt2PU/rXN1OCQGZ5O3GbJYbI9qraDtdzemqRdja0gBW9zMHL2HaZktKWSYzKyeNUC+2LCCPTcWPCRuUuv',
    'EjKlq6QoRh3bBjEWxrRBRg/uivHIq1P867f4yPj8gKVpJBpRFjG11SC3BUpuRtlfX5fRzLiOBiU4VWaByGsz/8HsgNe+z1tiHntaDV51HxNUydvH',
    'Tgt77jd9NItgC5KXWiHOHs4iJqV4qUB72Yyt1t7Jl2VmhIasfd22DPACvLeoRij/9W3v+4/HVS5yfM1u9zXASjEn5gr7q3MwzPY7f3vmqC57OdY6',
    'GXmP7YCxXmJgjTAHE4crx3ifoSPmSLOODsv0kraltDhObXXvQLgIBVx08JrlDVZIhNY/Qo7BGyw/iBC9B2aaxq2urauHPBIYwlo/t6Dui4Pw1Eur',
    'qMoiLHp92x8wggFiBgkqhkiG9w0BBwGgggFTBIIBTzCCAUswggFHBgsqhkiG9w0BDAoBAqCB7zCB7DBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0B',
    'BQwwHAQImetLBtEJ3TMCAggAMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCglxt827nuXY19S24HzqqmBIGQTWzCj3DvpW5bUT9inPeXWV4f',
    'O/TYEq70WYMAEmcwbNGzeZUo33sku2fWllj4pkOzsUxyjY85eLzSVMJP7HANZNs3NnyjlGK0pSpXqzI+Z/x9+mQDZprvXY9WTasmXQLrdgx8fNoi',
    'lzE6PZQxtJPbDcJ89CVkX+tdBYr0gEgoO4nRmjpB5JxyMsu46NbGS4iKMUYwHwYJKoZIhvcNAQkUMRIeEABtAGkAbABsAHIAYQBjAGUwIwYJKoZI',
    'hvcNAQkVMRYEFE2LblhNXVBkibl+xyFvPXsnM8+nMEEwMTANBglghkgBZQMEAgEFAAQgiqXPLUNt/AdQKFbAnkqVMTczEih9ohMNE6Cfq/3wTW0E',
    'CAUIv5SxQnOKAgIIAA==',
  ].join(''),
  /** The same with the encryption of Java 8, which OpenSSL 3 does not read; Base64. */
  outdatedKeyStore: [
    'MIIDxwIBAzCCA40GCSqGSIb3DQEHAaCCA34EggN6MIIDdjCCAkcGCSqGSIb3DQEHBqCCAjgwggI0AgEAMIICLQYJKoZIhvcNAQcBMBwGCiqGSIb3',
    'DQEMAQYwDgQIJqal3HngaCECAggAgIICAPoQ3Eg3VRcioV01fc3rKflebEG8BDxImjuXR7KVd1e7Vx8CFhdlxNDxgK7sDVItvXOR85YjtEdGCtx6',
    'cTHkQ08b/Kea6mzTCDVcPvjFgkleuLiLU1MSAs2WntI9b6xZF39P0JeuMe5LS5hVhNgs/ZYBj667raT1UUXQWKTihK+dAGN71dgChh+uYC8J8aLj',
    'gkmf891BAYHEGFpfoV+UN+bTiuaim/KtZzmJZDxcQvVH5L8I8URWj3HAS4aJQpA3olJZh8ge0opsE/M7F5Pn3m1UoRRWVS1O1362NiwiVXAZ+Erv',
    'H208fKgJAH6glbIWUPVqv7d72FZqSA034PkWC9cpQ5piKDCgL6jk4s2ujVkHvQkfVUtvRvGRsHwBtAivRVOhTPmlQdAla6bPhyJaWoXGUR0gN7rH',
    'EnOdq6Rxh7jjONNMpaIaxCw+FiIJxihtdirbAzwcDRHRiRYXm/hhRcigN3cZrax4EjdttGPwl9RJ/ktsv+FtxenpSzvX0pfftHZIHUZyi5vvpxHW',
    'oTTvd1D5RdmA2Jl/4yuwZtRKsCTYM5Sh6loRdf+PdbIYLBKz/6VuDuS3Z6+iwsIGH296Dt0h6vZ43MR5VT1HSHs2GSNILBUEImxUAulqFAzl9gwl',
    'G2lIt7O/IifsUnaCIU291I2v7P7T0CT/yxq4OCp+Qg13MIIBJwYJKoZIhvcNAQcBoIIBGASCARQwggEQMIIBDAYLKoZIhvcNAQwKAQKggbQwgbEw',
    'HAYKKoZIhvcNAQwBAzAOBAgvP1a8b1zgoQICCAAEgZACIBiNprln74APZjgcbhx6RQ+hMZPH02NZxQu/Fs5OxEj5cCxGaMNwG1R0iaGqQWExJad1',
    '2ZM9RbWZ+t4hW/mV+RQ0UGIYdP1BfibiryA3OACtKh9bqBvxgBQcYOewCIUaNLk2qgfxCh54Bluwo3J66dwhveRizcX03DlFm3bBwHZakoZ4uMbv',
    'XQpuND8euNYxRjAfBgkqhkiG9w0BCRQxEh4QAG0AaQBsAGwAcgBhAGMAZTAjBgkqhkiG9w0BCRUxFgQUTYtuWE1dUGSJuX7HIW89eyczz6cwMTAh',
    'MAkGBSsOAwIaBQAEFNfQlwoQgK/huO6eZZbGTacTYuggBAiP/0MYIOoWhQICCAA=',
  ].join(''),
  /** Base64. */
  javaKeyStore: [
    '/u3+7QAAAAIAAAABAAAAAQAIbWlsbHJhY2UAAAGh/K9PKgAAAMgwgcUwDgYKKwYBBAEqAhEBAQUABIGy8oFxUsxprJg/Bls4Ji64bcv1eREhwnd8',
    'Y1ps+BVC8ScH/EqHr8D407IejdVgSqEodwzJgYmPPFAUQ3hOfsxn84Qv4N+X9D/vm7nOhAg0umGzpIpAzRUy4ZIc0W4RuSzx5G/fn1XPcJ7e6oEI',
    '5R6CIr9osROTUgJ9xcjS0gNotuDxu2EWJRpDIFTLltPrEVhLwj361D272A3kX4FZvy6nwkoa1lWw7Sv+krak8kWsgOA3IgAAAAEABVguNTA5AAAB',
    'hTCCAYEwggEnoAMCAQICAQEwCgYIKoZIzj0EAwIwGDEWMBQGA1UEAwwNbWlsbHJhY2UgdGVzdDAgFw0yNDAxMDEwMDAwMDBaGA8yMTI0MDEwMTAw',
    'MDAwMFowGDEWMBQGA1UEAwwNbWlsbHJhY2UgdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDHPaAx+hQhk9qHjtz1u2x0FL1zlG4eXjL5w',
    'vh/JJcI592pl6Ly+9jZOAk6fNU5azH7nGp+EgNLiX0ACB469TtijYDBeMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFH74QivoloOM5DYt9ukA',
    'QJvH59K+MCwGA1UdEQQlMCOCCWxvY2FsaG9zdIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAAATAKBggqhkjOPQQDAgNIADBFAiEA3KcOgqJmjtzz0G2U',
    '8QWL2hzXtcmdNa1UkjHLmQe03+oCIGlTfSKGcs5Rt6a4294mKi1Es44cu9LWqL8GIq6B9uhyQgRiAL7fxPFVH4JIgDRLeIdnmPU=',
  ].join(''),
} as const;
