import type { PropertyName } from './property-names.js';

/** One value as a source gives it, not yet resolved or converted. */
export interface PropertyEntry {
  readonly name: PropertyName;
  readonly value: string;
  /** Set where a file says `{}` or `[]`: the value is empty text, but a tree keeps the empty collection. */
  readonly empty?: 'map' | 'list';
  /** Where it stands, for people: `config/application.yaml, line 12`, `environment variable SERVER_PORT`. */
  readonly origin: string;
  /** The source knows only one letter case (environment variables): another source's spelling of a map key is the better one. */
  readonly caseless?: boolean;
}

/** A list of values with one rank; of two sources the earlier one in the list of sources wins. */
export interface PropertySource {
  readonly description: string;
  readonly entries: readonly PropertyEntry[];
}

/** Something that cannot be read at all: a broken file, a location that does not exist. */
export interface SourceProblem {
  readonly origin: string;
  readonly message: string;
}
