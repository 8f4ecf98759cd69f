/** Injection token of the checked {@link MillraceConfiguration}. */
export const CONFIGURATION = Symbol('MillraceConfiguration');
