import { describe, expect, it } from '@jest/globals';
import { artifactFile, mavenName, parseMavenCoordinates, versionDirectory } from './maven-coordinates.js';
import { newestBuild } from './maven-metadata.js';
import { UnresolvableResourceError } from './resource-errors.js';
import { parseResourceUri } from './resource-uri.js';

describe('parseResourceUri', () => {
  it.each([
    ['docker:org/app:1.0', { kind: 'docker', image: 'org/app:1.0' }],
    ['docker://host:5000/app@sha256:abc', { kind: 'docker', image: 'host:5000/app@sha256:abc' }],
    ['file:/a/b.jar', { kind: 'file', path: '/a/b.jar' }],
    ['file:///a/b%20c.jar', { kind: 'file', path: '/a/b c.jar' }],
    ['https://host/a.jar', { kind: 'http', url: new URL('https://host/a.jar') }],
    ['maven://g:a:1', { kind: 'maven', coordinates: parseMavenCoordinates('maven://g:a:1') }],
  ])('%s', (uri, expected) => expect(parseResourceUri(uri)).toEqual(expected));

  it.each([
    '',
    'x.jar',
    'ftp://h/x',
    'classpath:x',
    'docker:',
    'docker:--privileged',
    'docker:a b',
    'file:x.jar',
    'file://otherhost/x',
    'file:///a%00b',
    'http://',
    'maven://g:a',
    'maven://g:a:b:c:d:e',
    'maven://g:..:1',
    'maven://g/../x:a:1',
    'maven://g:a:',
  ])('refuses %j', (uri) => expect(() => parseResourceUri(uri)).toThrow(UnresolvableResourceError));

  it('keeps credentials out of messages', () => {
    expect(() => parseResourceUri('ftp://user:secret@host/x')).toThrow(/'ftp:\/\/host\/x'/);
  });
});

describe('Maven coordinates', () => {
  it.each([
    ['maven://org.example:app:1.0', 'org/example/app/1.0', 'app-1.0.jar', 'org.example:app:1.0'],
    ['maven:org.example:app:1.0', 'org/example/app/1.0', 'app-1.0.jar', 'org.example:app:1.0'],
    ['maven://g:a:war:1', 'g/a/1', 'a-1.war', 'g:a:war:1'],
    ['maven://g:a:jar:metadata:1.0', 'g/a/1.0', 'a-1.0-metadata.jar', 'g:a:jar:metadata:1.0'],
  ])('%s', (uri, directory, file, name) => {
    const coordinates = parseMavenCoordinates(uri);
    expect([versionDirectory(coordinates), artifactFile(coordinates), mavenName(coordinates)]).toEqual([
      directory,
      file,
      name,
    ]);
  });
});

describe('newestBuild', () => {
  const jar = parseMavenCoordinates('maven://g:a:1.0-SNAPSHOT');
  const maven3 = `<metadata><versioning><snapshot><timestamp>20240101.000000</timestamp><buildNumber>1</buildNumber></snapshot>
    <lastUpdated>20240101000000</lastUpdated><snapshotVersions>
    <!-- <snapshotVersion><extension>jar</extension><value>1.0-20990101.000000-9</value></snapshotVersion> -->
    <snapshotVersion><classifier>metadata</classifier><extension>jar</extension><value>1.0-20240102.000000-2</value><updated>20240102000000</updated></snapshotVersion>
    <snapshotVersion><extension>jar</extension><value> 1.0-20240103.101112-3 </value><updated>20240103101112</updated></snapshotVersion>
    </snapshotVersions></versioning></metadata>`;
  it.each([
    ['the entry of the extension', maven3, jar, { version: '1.0-20240103.101112-3', updated: '20240103101112' }],
    [
      'the entry of the classifier',
      maven3,
      { ...jar, classifier: 'metadata' },
      { version: '1.0-20240102.000000-2', updated: '20240102000000' },
    ],
    ['no entry of the classifier', maven3, { ...jar, classifier: 'other' }, undefined],
    [
      'time stamp and build number alone',
      '<snapshot><timestamp>20240101.000000</timestamp><buildNumber>1</buildNumber></snapshot><lastUpdated>20240101000000</lastUpdated>',
      jar,
      { version: '1.0-20240101.000000-1', updated: '20240101000000' },
    ],
    ['local copies', '<snapshot><localCopy>true</localCopy></snapshot>', jar, { version: '1.0-SNAPSHOT', updated: '' }],
    ['a value that leads elsewhere', maven3.replace('1.0-20240103.101112-3', '../../x'), jar, undefined],
    ['a value of another version', maven3.replace('1.0-20240103.101112-3', '2.0-20240103.101112-3'), jar, undefined],
    ['nothing', 'Not found', jar, undefined],
  ])('takes %s', (_what, xml, coordinates, expected) => expect(newestBuild(xml, coordinates)).toEqual(expected));
});
