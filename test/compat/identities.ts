/**
 * What a number identifies. Boot 2 and Boot 3 count each of theirs from 1, so a space bears the schema target; audit
 * records know no target.
 */
export type IdSpace = `${'task' | 'job-execution' | 'job-instance' | 'step'}:${string}` | 'audit';

/** A text of the recording and what stands for it here: an address, a folder. */
export interface Place {
  readonly recorded: string;
  readonly actual: string;
}

/**
 * Which thing of this server is which thing of the recording.
 *
 * Ids are learnt from the answers. A recorded id that no answer has shown yet is guessed from its neighbours: both servers
 * count upwards, so ids keep their distance unless an execution is missing on one side.
 */
export class Identities {
  private readonly ids = new Map<IdSpace, Map<number, number>>();
  private readonly names = new Map<string, string>();
  private readonly places: readonly Place[];

  constructor(places: readonly Place[]) {
    this.places = places;
  }

  /** This server's id for a recorded one, known or guessed. */
  idOf(space: IdSpace, recorded: number): number {
    const known = this.ids.get(space);
    const exact = known?.get(recorded);
    if (known === undefined || exact !== undefined) {
      return exact ?? recorded;
    }
    const before = [...known.keys()].filter((id) => id < recorded);
    const nearest = Math.max(...before);
    return before.length === 0 ? recorded : recorded + (known.get(nearest) ?? nearest) - nearest;
  }

  /** Whether the ids mean the same thing; an id seen for the first time is learnt if it is not another's already. */
  sameId(space: IdSpace, recorded: number, actual: number): boolean {
    const known = this.ids.get(space) ?? new Map<number, number>();
    this.ids.set(space, known);
    const expected = known.get(recorded);
    if (expected !== undefined) {
      return expected === actual;
    }
    if ([...known.values()].includes(actual)) {
      return false;
    }
    known.set(recorded, actual);
    return true;
  }

  /** The same for names that a server makes up: the external execution ids. */
  sameName(recorded: string, actual: string): boolean {
    const expected = this.names.get(recorded);
    if (expected === undefined && actual !== '' && ![...this.names.values()].includes(actual)) {
      this.names.set(recorded, actual);
      return true;
    }
    return expected === actual;
  }

  knowsId(space: IdSpace, recorded: number): boolean {
    return this.ids.get(space)?.has(recorded) ?? false;
  }

  /** Whether an id of this server stands for one of the recording already. */
  isTaken(space: IdSpace, actual: number): boolean {
    return [...(this.ids.get(space)?.values() ?? [])].includes(actual);
  }

  knowsName(recorded: string): boolean {
    return this.names.has(recorded);
  }

  /** A recorded text with this server's addresses, folders and external execution ids. */
  translate(text: string): string {
    return this.replaceNames(this.places.reduce((done, place) => done.replaceAll(place.recorded, place.actual), text));
  }

  /** The same for a percent-encoded text: a query or the body of a form. */
  translateEncoded(text: string): string {
    const encoded = this.places.reduce(
      (done, place) => done.replaceAll(encodeURIComponent(place.recorded), encodeURIComponent(place.actual)),
      text,
    );
    return this.replaceNames(encoded);
  }

  private replaceNames(text: string): string {
    return [...this.names].reduce((done, [recorded, actual]) => done.replaceAll(recorded, actual), text);
  }
}

/** For two servers on one database: every id and name is itself. */
export class SameDatabase extends Identities {
  override idOf(_space: IdSpace, recorded: number): number {
    return recorded;
  }

  override sameId(_space: IdSpace, recorded: number, actual: number): boolean {
    return recorded === actual;
  }

  override sameName(recorded: string, actual: string): boolean {
    return recorded === actual;
  }
}
