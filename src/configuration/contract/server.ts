/** `server.*` */
export interface ServerConfiguration {
  /** `server.port`; 0 takes a free port. */
  readonly port: number;
  /** `server.address`; undefined listens on all interfaces. */
  readonly address: string | undefined;
  /** `server.servlet.context-path`, without trailing slash; empty for the root. */
  readonly contextPath: string;
  /** `server.forward-headers-strategy`: whether X-Forwarded-* and Forwarded decide the links of answers. */
  readonly forwardHeaders: boolean;
  /** `spring.servlet.multipart.max-file-size`, bytes */
  readonly maximumFileSize: number;
  /** `springdoc.api-docs.enabled`: whether `/v3/api-docs` is served. */
  readonly apiDocument: boolean;
  /** `springdoc.swagger-ui.enabled`: whether `/swagger-ui.html` is served; it needs the document. */
  readonly swaggerUi: boolean;
  /** `server.ssl.*`; undefined serves plain HTTP. */
  readonly ssl: ServerSslConfiguration | undefined;
}

/** Versions of TLS in the names that Spring Boot and Node.js share. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** Key and certificate of the server, from a PKCS#12 key store or PEM files; TLS has been found able to use them. */
export interface ServerSslConfiguration {
  /** Base64 of the key store; undefined if the others are set. */
  readonly keyStore: string | undefined;
  /** PEM text of the certificate chain. */
  readonly certificate: string | undefined;
  /** PEM text. */
  readonly privateKey: string | undefined;
  /** Of the key store or of the private key. */
  readonly password: string | undefined;
  /** Client certificates: `want` asks for one, `need` refuses connections without. */
  readonly clientAuth: 'none' | 'want' | 'need';
  /** PEM text of the authorities that sign client certificates; undefined: those that Node.js knows. */
  readonly trustedCertificates: string | undefined;
  /** undefined: as Node.js has it. */
  readonly minimumVersion: TlsVersion | undefined;
  readonly maximumVersion: TlsVersion | undefined;
  /** OpenSSL's names, joined by colons; undefined: as Node.js has them. */
  readonly ciphers: string | undefined;
}
