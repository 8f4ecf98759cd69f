import { describe, expect, it } from '@jest/globals';
import { readDockerConfig } from './docker-config.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('readDockerConfig', () => {
  it.each([
    [{ username: 'u', password: 'p' }, 'u', 'p'],
    [{ username: 'u', password: 'p', auth: base64('x:y') }, 'u', 'p'],
    [{ auth: base64('u:p:q') }, 'u', 'p:q'],
    [{ auth: `${base64('u:pä\0')}` }, 'u', 'pä'],
    [{ auth: base64('nocolon') }, undefined, undefined],
    [{}, undefined, undefined],
    [{ username: 1, auth: 2 }, undefined, undefined],
  ])('credentials of %j', (entry, user, secret) => {
    expect(readDockerConfig(JSON.stringify({ auths: { 'reg.example': entry } }))).toEqual([
      { server: 'reg.example', host: 'reg.example', user, secret },
    ]);
  });

  it.each([
    ['https://index.docker.io/v1/', 'index.docker.io'],
    ['http://reg.example:5000', 'reg.example:5000'],
    ['reg.example/v2', 'reg.example'],
  ])('host of %s', (server, host) => {
    expect(readDockerConfig(JSON.stringify({ auths: { [server]: {} } }))).toMatchObject([{ server, host }]);
  });

  it.each(['', '{', '[]', 'null', '{}', '{"auths":[]}'])('does not read %j', (text) => {
    expect(readDockerConfig(text)).toBeUndefined();
  });

  it('passes over entries that make no sense', () => {
    expect(
      readDockerConfig('{"auths":{"a.example":null,"":{},"b.example":{"username":"u","password":"p"}}}'),
    ).toMatchObject([{ host: 'b.example' }]);
  });
});
