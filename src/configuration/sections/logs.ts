import type { LogsConfiguration, S3Configuration } from '../configuration.js';
import { optionalProperty, property } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { bool, choice, dataSize, httpUrl, integer, text } from '../property-types.js';

const P = 'millrace.logs';

export const logsProperties = {
  archive: property(`${P}.archive`, {
    type: choice('database', 's3', 'none'),
    default: 'database',
    meaning: 'Where the log of an ended execution is kept, for when its pod or its files are gone.',
  }),
  maxSize: property(`${P}.max-size`, {
    type: dataSize,
    default: '1MB',
    meaning: 'How much of a log is kept: its first 64 KB and the rest from its end, with the gap marked.',
  }),
  maxFollowers: property(`${P}.max-followers`, {
    type: integer(1, 100_000),
    default: '200',
    meaning: 'How many clients may follow logs at once; one more is answered 429.',
  }),
  endpoint: optionalProperty(`${P}.s3.endpoint`, {
    type: httpUrl,
    meaning: 'Address of the S3-compatible store; Amazon’s own of the region if not set.',
  }),
  region: property(`${P}.s3.region`, { type: text, default: 'us-east-1', meaning: 'Region of the bucket.' }),
  bucket: optionalProperty(`${P}.s3.bucket`, { type: text, meaning: 'Bucket that takes the logs; it must exist.' }),
  prefix: property(`${P}.s3.prefix`, {
    type: text,
    default: 'millrace/logs',
    meaning: 'What the names of objects begin with.',
  }),
  accessKeyId: optionalProperty(`${P}.s3.access-key-id`, {
    type: text,
    secret: true,
    meaning: 'Access key of an account that may put, get and delete objects.',
  }),
  secretAccessKey: optionalProperty(`${P}.s3.secret-access-key`, {
    type: text,
    secret: true,
    meaning: 'Its secret key.',
  }),
  pathStyle: property(`${P}.s3.path-style`, {
    type: bool,
    default: 'true',
    meaning: 'Whether the bucket stands in the path of an address rather than in its host name.',
  }),
} as const;

/** A log that is cut must have room for its head and for the mark of the gap. */
const SMALLEST_LOG = 1024;
/** One value of a row, in memory for a moment while it is written. */
const LARGEST_LOG = 64 * 1024 ** 2;

/** Reads `millrace.logs.*`. */
export function readLogs(reader: PropertyReader): LogsConfiguration {
  const p = logsProperties;
  const archive = reader.value(p.archive);
  const maxSize = reader.value(p.maxSize);
  if (maxSize < SMALLEST_LOG || maxSize > LARGEST_LOG) reader.reject(p.maxSize, 'a size from 1KB to 64MB');
  return { archive, maxSize, maxFollowers: reader.value(p.maxFollowers), s3: readS3(reader, archive === 's3') };
}

function readS3(reader: PropertyReader, needed: boolean): S3Configuration | undefined {
  const p = logsProperties;
  const bucket = reader.value(p.bucket)?.trim();
  const region = reader.value(p.region).trim();
  const accessKeyId = reader.value(p.accessKeyId)?.trim();
  const secretAccessKey = reader.value(p.secretAccessKey)?.trim();
  if (bucket === undefined) {
    if (needed) reader.reject(p.bucket, 'the name of a bucket, since millrace.logs.archive is s3');
    return undefined;
  }
  // Three to 63 characters (Amazon's naming rules); it becomes part of a host name or of a path.
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    reader.reject(p.bucket, '3 to 63 lower-case letters, digits, dots and dashes');
  }
  if (!/^[a-z0-9-]+$/.test(region)) reader.reject(p.region, 'lower-case letters, digits and dashes');
  const prefix = reader
    .value(p.prefix)
    .trim()
    .replace(/^\/+|\/+$/g, '');
  if (!/^[\w!.*'()/-]*$/.test(prefix) || /(^|\/)\.{0,2}(\/|$)/.test(prefix === '' ? 'x' : prefix)) {
    reader.reject(p.prefix, "letters, digits, slashes and any of !-_.*'(), without empty parts");
  }
  if (accessKeyId === undefined) reader.reject(p.accessKeyId, 'an access key, since a bucket is named');
  if (secretAccessKey === undefined) reader.reject(p.secretAccessKey, 'a secret key, since a bucket is named');
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    endpoint: reader.value(p.endpoint) ?? `https://s3.${region}.${domain}`,
    region,
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    accessKeyId,
    secretAccessKey,
    pathStyle: reader.value(p.pathStyle),
  };
}
