import { describe, expect, it } from '@jest/globals';
import { ApiError, ConnectionError, isGone, isTransient, toApiError } from './api-error.js';

describe('isTransient', () => {
  it.each([
    ['a reset', new ConnectionError('ECONNRESET', ''), true],
    ['a refused connection', new ConnectionError('ECONNREFUSED', ''), true],
    ['an unknown host', new ConnectionError('ENOTFOUND', ''), true],
    ['a time-out', new ConnectionError('TIMEOUT', ''), true],
    ['half an answer', new ConnectionError('ANSWER', ''), true],
    ['an unknown authority', new ConnectionError('SELF_SIGNED_CERT_IN_CHAIN', ''), false],
    ['an unverifiable certificate', new ConnectionError('UNABLE_TO_VERIFY_LEAF_SIGNATURE', ''), false],
    ['an expired certificate', new ConnectionError('CERT_HAS_EXPIRED', ''), false],
    ['a certificate for another host', new ConnectionError('ERR_TLS_CERT_ALTNAME_INVALID', ''), false],
    ['missing credentials', new ConnectionError('CREDENTIALS', ''), false],
    ['429', new ApiError(429, 'TooManyRequests', ''), true],
    ['500', new ApiError(500, 'InternalError', ''), true],
    ['503', new ApiError(503, '', ''), true],
    ['504', new ApiError(504, 'Timeout', ''), true],
    ['a conflict of two writers', new ApiError(409, 'Conflict', ''), true],
    ['a name that is taken', new ApiError(409, 'AlreadyExists', ''), false],
    ['400', new ApiError(400, 'BadRequest', ''), false],
    ['401', new ApiError(401, 'Unauthorized', ''), false],
    ['403', new ApiError(403, 'Forbidden', ''), false],
    ['404', new ApiError(404, 'NotFound', ''), false],
    ['410', new ApiError(410, 'Expired', ''), false],
    ['422', new ApiError(422, 'Invalid', ''), false],
    ['any other error', new Error('a mistake of ours'), false],
  ])('%s: %p', (_, error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });
});

describe('toApiError', () => {
  const status = JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'pods "x" is forbidden', code: 403 });
  it.each([
    ['a Status object', status, 'Forbidden', 'pods "x" is forbidden'],
    ['a page of a proxy', '<html>Bad gateway</html>', '', 'HTTP status 403'],
    ['plain text', 'no way', '', 'no way'],
    ['nothing', '', '', 'HTTP status 403'],
    ['JSON that is no Status', '[1]', '', '[1]'],
  ])('reads %s', (_, body, reason, message) => {
    expect(toApiError(403, body)).toMatchObject({ status: 403, reason, message });
  });

  it.each([
    ['2', 2_000],
    ['0', 0],
    ['86400', 60_000],
    ['soon', undefined],
    [undefined, undefined],
  ])('reads Retry-After %p', (header, expected) => {
    expect(toApiError(429, '', header).retryAfter).toBe(expected);
  });

  it('knows a forgotten resourceVersion', () => {
    expect(isGone(toApiError(410, '{"reason":"Expired"}'))).toBe(true);
    expect(isGone(toApiError(404, ''))).toBe(false);
  });
});
