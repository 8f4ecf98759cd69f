import { expect, it } from '@jest/globals';
import { maskReason } from '../../launching/reason-mask.js';
import { WITHOUT_RIGHTS } from './data-source-secret.js';

it('the advice is told whole where it becomes the reason of an execution', () => {
  expect(maskReason(WITHOUT_RIGHTS, [])).toBe(WITHOUT_RIGHTS);
});
