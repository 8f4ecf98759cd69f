import { describe, expect, it } from '@jest/globals';
import { checkAppUri, describeResource, InvalidAppUriError, uriWithoutVersion, versionOfUri } from './app-uri.js';

describe('versionOfUri', () => {
  it.each([
    ['maven://io.spring:timestamp-task:3.0.0', '3.0.0'],
    ['maven://io.spring:timestamp-task:jar:exec:3.0.0', '3.0.0'],
    ['docker:springcloudtask/timestamp-task:3.0.0', '3.0.0'],
    ['docker://registry.example.org:5000/team/app', 'latest'],
    ['docker:app@sha256:0123', 'latest'],
    ['file:///apps/timestamp-task-1.0.0.jar', '1.0.0'],
    ['https://example.org/a-b-2.1.0-SNAPSHOT.jar?x=1', '2.1.0-SNAPSHOT'],
    ['file:///apps/timestamp-task-1.0.0-metadata.jar', '1.0.0'],
  ])('finds the version of %s', (uri, version) => {
    expect(versionOfUri(uri)).toBe(version);
  });

  it.each(['file:///nowhere/nover.jar', 'abc', 'classpath:x-1.0.jar', 'maven://a:b', ''])('refuses %j', (uri) => {
    expect(() => versionOfUri(uri)).toThrow(InvalidAppUriError);
  });
});

describe('describeResource', () => {
  it.each([
    ['maven://io.spring:timestamp-task:3.0.0', 'io.spring:timestamp-task:jar:3.0.0'],
    ['docker:org/img:tag', 'Docker Resource [docker:org/img:tag]'],
    ['file:///path/x.jar', 'URL [file:/path/x.jar]'],
    ['https://me:hush@example.org/x.jar', 'URL [https://example.org/x.jar]'],
  ])('shows %s as %s', (uri, text) => {
    expect(describeResource(uri)).toBe(text);
  });
});

describe('checkAppUri', () => {
  it.each(['http://a b/c', 'docker:a\tb', ''])('refuses %j', (uri) => {
    expect(() => checkAppUri(uri)).toThrow(InvalidAppUriError);
  });
});

it('compares uris without their versions', () => {
  expect(uriWithoutVersion('file:///a-1.0/b-1.0.jar', '1.0')).toBe('file:///a-1.0/b-.jar');
  expect(uriWithoutVersion('docker:a', '2')).toBe('docker:a');
});
