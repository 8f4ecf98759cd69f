import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JdbcUrlError, parseJdbcUrl } from './jdbc-url.js';
import { postgresConnection } from './postgres-connection.js';

const none = { username: undefined, password: undefined };
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-tls-'));
  const certificate = selfSignedCertificate();
  await writeFile(join(directory, 'cert.der'), certificate);
  await writeFile(join(directory, 'cert.pem'), pem('CERTIFICATE', certificate));
  await writeFile(join(directory, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(directory, 'key.pk8'), privateKey.export({ type: 'pkcs8', format: 'der' }));
  const encryption = { cipher: 'aes-256-cbc', passphrase: 'geheim' };
  await writeFile(join(directory, 'locked.pk8'), privateKey.export({ type: 'pkcs8', format: 'der', ...encryption }));
  await writeFile(join(directory, 'nonsense'), 'nonsense');
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

const connect = (url: string, credentials: Parameters<typeof postgresConnection>[1] = none) =>
  postgresConnection(parseJdbcUrl(url), credentials, directory);

describe('postgresConnection', () => {
  it('has everything of a plain URL', async () => {
    expect(
      await connect(
        'jdbc:postgresql://h/db?user=u&password=p&currentSchema=s&ApplicationName=a&connectTimeout=5&socketTimeout=0',
      ),
    ).toEqual({
      hosts: [{ host: 'h', port: 5432 }],
      database: 'db',
      user: 'u',
      password: 'p',
      schema: 's',
      ssl: { rejectUnauthorized: false },
      sslMode: 'prefer',
      applicationName: 'a',
      targetServerType: 'any',
      connectTimeout: 5000,
      socketTimeout: 0,
    });
  });

  it('waits as long as the JDBC driver', async () => {
    const url = 'jdbc:postgresql://h/db?';
    expect(await connect(url)).toMatchObject({ connectTimeout: 10_000, socketTimeout: 0 });
    expect(await connect(`${url}connectTimeout=0&socketTimeout=30`)).toMatchObject({
      connectTimeout: 0,
      socketTimeout: 30_000,
    });
  });

  it.each([
    ['any', 'any'],
    ['primary', 'primary'],
    ['master', 'primary'],
    ['preferPrimary', 'preferPrimary'],
    ['preferSecondary', 'preferPrimary'],
  ])('targetServerType=%s is %s', async (value, targetServerType) => {
    expect(await connect(`jdbc:postgresql://a,b/db?targetServerType=${value}`)).toMatchObject({ targetServerType });
  });

  it('takes user and password of the properties before those of the URL, and the user for the database', async () => {
    const connection = await connect('jdbc:postgresql:/?user=u&password=p', { username: 'other', password: 'else' });
    expect(connection).toMatchObject({ user: 'other', password: 'else', database: 'other' });
  });

  it.each([
    ['', 'prefer', { rejectUnauthorized: false }],
    ['sslmode=disable&sslrootcert=missing', 'disable', false],
    ['sslmode=allow', 'allow', { rejectUnauthorized: false }],
    ['ssl=false', 'prefer', { rejectUnauthorized: false }],
    ['sslmode=require', 'require', { rejectUnauthorized: false }],
    ['sslmode=verify-ca', 'verify-ca', { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) }],
    ['sslmode=VERIFY-FULL', 'verify-full', { rejectUnauthorized: true }],
    ['ssl=true', 'verify-full', { rejectUnauthorized: true }],
    ['ssl', 'verify-full', { rejectUnauthorized: true }],
  ])('%s is sslmode %s', async (query, sslMode, ssl) => {
    expect(await connect(`jdbc:postgresql://h/db?${query}`)).toMatchObject({ sslMode, ssl });
  });

  it.each(['cert.pem', 'cert.der'])('reads certificates of %s', async (file) => {
    const { ssl } = await connect(`jdbc:postgresql://h/db?sslmode=verify-full&sslrootcert=${file}`);
    expect(ssl).toEqual({ rejectUnauthorized: true, ca: expect.stringMatching(/^-----BEGIN CERTIFICATE-----/) });
  });

  it.each(['key.pem', 'key.pk8', 'locked.pk8&sslpassword=geheim'])('reads the key of %s', async (key) => {
    const { ssl } = await connect(`jdbc:postgresql://h/db?sslmode=require&sslcert=cert.der&sslkey=${key}`);
    expect(ssl).toMatchObject({ key: privateKey.export({ type: 'pkcs8', format: 'pem' }) });
  });

  it.each([
    ['jdbc:postgresql://h/', /names a database/],
    ['jdbc:postgresql://h/db?sslmode=maybe', /sslmode must be one of disable, allow/],
    [
      'jdbc:postgresql://h/db?targetServerType=secondary',
      /targetServerType must be one of any, primary, preferPrimary/,
    ],
    ['jdbc:postgresql://h/db?connectTimeout=5s', /connectTimeout must be a whole number of seconds/],
    [
      'jdbc:postgresql://h/db?sslmode=verify-ca&sslrootcert=missing.pem',
      /sslrootcert must name a readable file: .*missing\.pem \(ENOENT\)/,
    ],
    ['jdbc:postgresql://h/db?sslmode=verify-ca&sslrootcert=.', /sslrootcert must name a readable file: .* \(EISDIR\)/],
    [
      'jdbc:postgresql://h/db?sslmode=verify-ca&sslrootcert=nonsense',
      /sslrootcert must name a file with X\.509 certificates/,
    ],
    [
      'jdbc:postgresql://h/db?sslmode=verify-ca&sslrootcert=key.pem',
      /sslrootcert must name a file with X\.509 certificates/,
    ],
    ['jdbc:postgresql://h/db?sslmode=require&sslcert=cert.pem', /sslcert and sslkey must be given together/],
    [
      'jdbc:postgresql://h/db?sslmode=require&sslcert=cert.pem&sslkey=nonsense',
      /sslkey must name a file with a private key/,
    ],
    ['jdbc:postgresql://h/db?sslmode=require&sslcert=cert.pem&sslkey=locked.pk8', /an encrypted one needs sslpassword/],
    [
      'jdbc:postgresql://h/db?sslmode=require&sslcert=cert.pem&sslkey=locked.pk8&sslpassword=wrong',
      /an encrypted one needs sslpassword/,
    ],
  ])('%s is refused', async (url, message) => {
    const failure = connect(url);
    await expect(failure).rejects.toThrow(JdbcUrlError);
    await expect(failure).rejects.toThrow(message);
  });
});

function pem(label: string, content: Buffer): string {
  return `-----BEGIN ${label}-----\n${content.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
}

/** The smallest certificate that X.509 allows, in DER. */
function selfSignedCertificate(): Buffer {
  const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...length]), content]);
  };
  const algorithm = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
  const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('test')))));
  const time = (text: string) => der(0x17, Buffer.from(text));
  const validity = der(0x30, time('250101000000Z'), time('490101000000Z'));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const content = der(0x30, der(0x02, Buffer.from([1])), algorithm, name, validity, name, key);
  return der(0x30, content, algorithm, der(0x03, Buffer.from([0]), sign('sha256', content, privateKey)));
}
