import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ACCOUNT_PROPERTIES, PROPERTIES } from './properties.js';

const TEXT = readFileSync(resolve('docs/kubernetes.md'), 'utf8');

/** Documented by a pattern. */
const FAMILIES = [/^(liveness|readiness|startup)\w*Probe/, /^cron\./];

describe('docs/kubernetes.md', () => {
  it.each([...Object.keys(PROPERTIES), ...Object.keys(ACCOUNT_PROPERTIES)])('names %s', (name) => {
    if (FAMILIES.some((family) => family.test(name))) return;
    expect(TEXT).toContain(`\`${name}\``);
  });
});
