const PREFIX = 'base64_';

/**
 * A key in the form in which SCDF hands it through Spring's configuration, which would not keep `*` and case otherwise:
 * `base64_` and the Base64 of its UTF-8 bytes, without padding.
 */
export function encodeKey(key: string): string {
  return PREFIX + Buffer.from(key, 'utf8').toString('base64').replace(/=+$/, '');
}

/** The key behind {@link encodeKey}; a key in any other form is itself. */
export function decodeKey(key: string): string {
  const encoded = key.slice(PREFIX.length);
  if (!key.startsWith(PREFIX) || !/^[\w+/-]+$/.test(encoded)) return key;
  return Buffer.from(encoded, 'base64').toString('utf8');
}
