import type { AdoptionDifference } from './adopted-answers.js';

/** Where Millrace answers otherwise than SCDF about the very rows that SCDF wrote. */
export const differencesAfterAdoption: readonly AdoptionDifference[] = [];

/** Where SCDF and Millrace answer differently about what both of them wrote; SCDF's answer is the expected one. */
export const differencesAfterReturn: readonly AdoptionDifference[] = [];
