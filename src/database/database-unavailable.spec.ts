import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailableError, isDatabaseUnavailable } from './database-unavailable.js';

const coded = (code: string): Error => Object.assign(new Error('x'), { code });

describe('isDatabaseUnavailable', () => {
  it.each([
    ['refused connection', coded('ECONNREFUSED')],
    ['reset connection', coded('ECONNRESET')],
    ['shutdown by an administrator', coded('57P01')],
    ['server starting up', coded('57P03')],
    ['too many connections', coded('53300')],
    ['connection exception', coded('08006')],
    ['pool timeout', new Error('timeout exceeded when trying to connect')],
    ['broken client', new Error('Connection terminated unexpectedly')],
    ['our own error', new DatabaseUnavailableError('x')],
    ['TypeORM around it', Object.assign(new Error('x'), { driverError: coded('ECONNRESET') })],
    ['as a cause', new Error('x', { cause: coded('57P01') })],
    ['several addresses', new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')])],
  ])('is true for %s', (_, error) => expect(isDatabaseUnavailable(error)).toBe(true));

  it.each([
    ['a unique violation', coded('23505')],
    ['a missing table', coded('42P01')],
    ['a serialization failure', coded('40001')],
    ['a cancelled statement', coded('57014')],
    ['a wrong password', coded('28P01')],
    ['a plain error', new Error('something')],
    ['no error', undefined],
    ['a text', 'ECONNREFUSED'],
    ['an error that is its own cause', Object.assign(new Error('x'), { driverError: coded('23505') })],
  ])('is false for %s', (_, error) => expect(isDatabaseUnavailable(error)).toBe(false));

  it('ends for an error that wraps itself', () => {
    const error = new Error('x');
    error.cause = error;
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});
