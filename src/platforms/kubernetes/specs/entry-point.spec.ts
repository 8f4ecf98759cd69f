import { describe, expect, it } from '@jest/globals';
import { entryPoint } from './entry-point.js';
import { NO_SETTINGS, type KubernetesSettings } from './settings.js';

const properties = { 'a.b-c': '1', blank: ' ', over: 'property' };
const args = ['--over=argument', 'plain=x=y'];

function given(settings: Partial<KubernetesSettings>, words: readonly string[] = args) {
  return entryPoint({ ...NO_SETTINGS, ...settings }, properties, words);
}

describe('entry point styles', () => {
  const admin = { appAdminUser: 'u', appAdminPassword: 'p' };

  it('exec: properties that say something and no argument repeats, arguments, administrator', () => {
    expect(given({ environmentVariables: { E: '1' }, ...admin })).toEqual({
      args: [
        '--a.b-c=1',
        ...args,
        '--spring.cloud.streamapp.security.admin-password=p',
        '--spring.cloud.streamapp.security.admin-user=u',
      ],
      variables: { E: '1' },
    });
  });

  it('boot: properties as JSON', () => {
    expect(given({ entryPointStyle: 'boot', environmentVariables: { E: '1' }, ...admin })).toEqual({
      args,
      variables: { E: '1', SPRING_APPLICATION_JSON: JSON.stringify(properties) },
    });
  });

  it('shell: everything as variables, arguments over properties over variables', () => {
    expect(given({ entryPointStyle: 'shell', environmentVariables: { 'A_B-C': 'env', E: '1' } })).toEqual({
      args: [],
      variables: { 'A_B-C': '1', E: '1', BLANK: ' ', OVER: 'argument', PLAIN: 'x=y' },
    });
  });

  it.each<[string, Partial<KubernetesSettings>, readonly string[], string]>([
    [
      'boot beside its own variable',
      { entryPointStyle: 'boot', environmentVariables: { SPRING_APPLICATION_JSON: '{}' } },
      args,
      'boot',
    ],
    ['shell with an argument that is none', { entryPointStyle: 'shell' }, ['--a=1', 'hunter2'], 'Argument number 2'],
    ['shell with a name that is none', { entryPointStyle: 'shell' }, ['ü=1'], 'names must be made of'],
  ])('%s is refused', (_, settings, words, message) => {
    expect(() => given(settings, words)).toThrow(message);
    expect(() => given(settings, words)).not.toThrow(/hunter2/);
  });
});
