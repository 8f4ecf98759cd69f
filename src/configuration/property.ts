import type { PropertyType } from './property-types.js';
import type { TreeShape } from './tree-shapes.js';

/** A property with a value of its own; `<word>` in its name stands for any map key. */
export interface Property<T> {
  readonly kind: 'value';
  readonly name: string;
  readonly type: PropertyType<unknown>;
  /** Text that counts when no source sets the property; undefined: the value is undefined then. */
  readonly default: string | undefined;
  /** One sentence for the documentation. */
  readonly meaning: string;
  /** The value never appears in a message. */
  readonly secret: boolean;
  /** Other names that SCDF reads too; the property's own name goes first. */
  readonly aliases: readonly string[];
  /** Carries the type only. */
  readonly valueType?: T;
}

/** A prefix below which keys are free: a map of texts or a tree of settings. */
export interface PropertyGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly shape: TreeShape;
  readonly meaning: string;
}

export type PropertyDefinition = Property<unknown> | PropertyGroup;

interface Options<T> {
  readonly type: PropertyType<T>;
  readonly meaning: string;
  readonly secret?: boolean;
  readonly aliases?: readonly string[];
}

/** Declares a property that always has a value. */
export function property<T>(name: string, options: Options<T> & { readonly default: string }): Property<T> {
  return { ...optionalProperty(name, options), default: options.default };
}

/** Declares a property that is undefined when no source sets it, or sets it empty. */
export function optionalProperty<T>(name: string, options: Options<T>): Property<T | undefined> {
  const { type, meaning, secret = false, aliases = [] } = options;
  return { kind: 'value', name, type, default: undefined, meaning, secret, aliases };
}

/** Declares a prefix below which keys are free. */
export function propertyGroup(name: string, shape: TreeShape, meaning: string): PropertyGroup {
  return { kind: 'group', name, shape, meaning };
}
