/** A request to sign; its body is what the signature covers, so it must go out as it is. */
export interface RequestToSign {
  readonly method: string;
  readonly url: URL;
  /** All of them are signed, with `host` and `x-amz-date` added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Who signs, and for which service where. */
export interface AwsSigner {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** `ecr`, `s3` */
  readonly service: string;
}

/**
 * Signs a request with AWS Signature Version 4. For `s3` give `x-amz-content-sha256`, else the body is not covered.
 * @returns the headers to send: those given, `x-amz-date` and `authorization` (`host` goes without saying)
 */
export async function signedHeaders(
  request: RequestToSign,
  signer: AwsSigner,
  now: Date,
): Promise<Record<string, string>> {
  // Loaded when something is signed: most servers never do.
  const { AwsV4Signer } = await import('aws4fetch');
  const { method, url, headers, body } = request;
  const signed = await new AwsV4Signer({
    ...signer,
    method,
    url: url.href,
    headers: { ...headers },
    ...(body.length === 0 ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    datetime: now.toISOString().replace(/[-:]|\.\d{3}/g, ''),
    allHeaders: true,
  }).sign();
  return Object.fromEntries(signed.headers);
}
