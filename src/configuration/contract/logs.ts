/** `millrace.logs.*`: what becomes of an execution's log once it has ended. */
export interface LogsConfiguration {
  /** `millrace.logs.archive`: where logs are kept when the platform has them no more. */
  readonly archive: 'database' | 's3' | 'none';
  /** `millrace.logs.max-size`, bytes of an execution's log that are kept. */
  readonly maxSize: number;
  /** `millrace.logs.max-followers`: how many clients may follow logs at once. */
  readonly maxFollowers: number;
  /** `millrace.logs.s3.*`; set where a bucket is named, so that what it holds stays readable when new logs go elsewhere. */
  readonly s3: S3Configuration | undefined;
}

/** A bucket of Amazon S3 or of a server that speaks its protocol. */
export interface S3Configuration {
  /** Origin and path without trailing slash. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** What the names of objects begin with; empty, or with a slash at its end. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** `https://endpoint/bucket/key` rather than `https://bucket.endpoint/key`. */
  readonly pathStyle: boolean;
}
