/** Injection token of the checked {@link MillraceConfiguration}. */
export const CONFIGURATION = Symbol('MillraceConfiguration');

/** Injection token of the environment that the server was started with, of which tasks on this machine inherit a part. */
export const PARENT_ENVIRONMENT = Symbol('ParentEnvironment');
