/** The resource cannot be had, and asking again will not help: malformed URI, unknown scheme, no such file or artifact. */
export class UnresolvableResourceError extends Error {
  override readonly name = 'UnresolvableResourceError';
}

/** A resource could not be fetched now: a repository is unreachable, slow or out of order. Worth another try. */
export class ResourceTransferError extends Error {
  override readonly name = 'ResourceTransferError';
}
