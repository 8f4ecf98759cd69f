import fc from 'fast-check';
import { Result } from './flow-reference.js';

// Random composed tasks that can be run, as the texts that a runner gets, and random ends of their children.

interface AppDraft {
  readonly kind: 'app';
  readonly transitions: readonly { readonly status: string; readonly target: string; readonly pick: number }[];
}
interface SplitDraft {
  readonly kind: 'split';
  readonly branches: readonly FlowDraft[];
}
type FlowDraft = readonly (AppDraft | SplitDraft)[];

const STATUSES = ["'COMPLETED'", "'FAILED'", "'X'", "'*'", '*', "'F*'", "'?'", "'C*D'", "'1'", '1', '0', '2'];

const drafts = fc.letrec<{ app: AppDraft; split: SplitDraft; flow: FlowDraft }>((tie) => ({
  app: fc.record({
    kind: fc.constant('app' as const),
    transitions: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      {
        weight: 2,
        arbitrary: fc.array(
          fc.record({
            status: fc.constantFrom(...STATUSES),
            target: fc.constantFrom('app', 'app', 'app', '$END', '$FAIL', 'label', 'label'),
            pick: fc.nat(99),
          }),
          { minLength: 1, maxLength: 3 },
        ),
      },
    ),
  }),
  split: fc.record({
    kind: fc.constant('split' as const),
    branches: fc.array(tie('flow'), { minLength: 1, maxLength: 4 }),
  }),
  flow: fc.array(
    fc.oneof({ depthSize: 'medium', withCrossShrink: true }, { weight: 3, arbitrary: tie('app') }, tie('split')),
    { minLength: 1, maxLength: 5 },
  ),
}));

const MOST_APPS = 60;

/** A composed task of about 60 apps at most: nested splits, transitions of every kind, further sequences. */
export const composedText: fc.Arbitrary<string> = fc
  .tuple(drafts.flow, fc.array(drafts.flow, { maxLength: 2 }), fc.infiniteStream(fc.nat(99)))
  .map(([main, sequences, picks]) => new Writer(picks).write(main, sequences));

/** What a writer knows of a flow: where its jumps may lead. */
interface Scope {
  /** Labels of the elements that come later in the flow, and of targets in the same flow. */
  readonly later: string[];
  /** Labels of sequences that only this flow may jump to. */
  readonly sequences: string[];
}

class Writer {
  private apps = 0;
  private labels = 0;

  constructor(private readonly picks: Iterator<number>) {}

  write(main: FlowDraft, sequences: readonly FlowDraft[]): string {
    // The sequences belong to the first flow and are reached in their order, so that no circle comes about.
    const starts = sequences.map((_, index) => `seq${index}`);
    const texts = [this.flow(main, { later: [], sequences: starts }, starts[0])];
    sequences.forEach((sequence, index) => {
      const scope = { later: [], sequences: starts.slice(index + 1) };
      texts.push(`${starts[index]}: ${this.flow(sequence, scope, starts[index + 1], true)}`);
    });
    return texts.join('\n');
  }

  /**
   * @param reach a sequence that must be reached from here: an app with nothing but that transition is put in front
   * @param labelled whether a label is written before the flow
   */
  private flow(elements: FlowDraft, scope: Scope, reach?: string, labelled = false): string {
    const written: string[] = [];
    // From the last to the first, so that the labels of later elements are known.
    for (let index = elements.length - 1; index >= 0; index -= 1) {
      if (this.apps > MOST_APPS && written.length > 0) break;
      const element = elements[index]!;
      const last = index === elements.length - 1;
      const bearsLabel = this.pick() < 40;
      const text = element.kind === 'app' ? this.app(element, scope, last) : this.split(element);
      const label = bearsLabel ? `l${this.labels++}` : null;
      written.unshift(label === null ? text : `${label}: ${text}`);
      if (label !== null) scope.later.push(label);
    }
    if (reach !== undefined) written.unshift(`${this.name()} 'GO'->:${reach}`);
    // The first element of a further sequence has a label already.
    else if (labelled) written.unshift(this.name());
    return written.join(' && ');
  }

  private split({ branches }: SplitDraft): string {
    return `<${branches.map((branch) => this.flow(branch, { later: [], sequences: [] })).join(' || ')} >`;
  }

  private app({ transitions }: AppDraft, scope: Scope, last: boolean): string {
    const name = this.name();
    const kept = this.apps > MOST_APPS ? [] : [...transitions];
    // What follows a wildcard that comes last is refused.
    while (!last && /^'?\*'?$/.test(kept.at(-1)?.status ?? '')) kept.pop();
    const written = kept.map(({ status, target, pick }) => `${status}->${this.target(target, scope, pick)}`);
    return [name, ...written].join(' ');
  }

  private target(kind: string, scope: Scope, pick: number): string {
    if (kind.startsWith('$')) return `e${this.labels++}: ${kind}`;
    const labels = [...scope.later, ...scope.sequences];
    if (kind === 'label' && labels.length > 0) return `:${labels[pick % labels.length]!}`;
    if (pick >= 30) return this.name();
    const label = `t${this.labels++}`;
    // Not among the labels of later elements: the transition that bears it comes earlier than those that may use it.
    scope.later.push(label);
    return `${label}: ${this.name()}`;
  }

  private name(): string {
    return `p-a${this.apps++}`;
  }

  private pick(): number {
    return this.picks.next().value as number;
  }
}

const result: fc.Arbitrary<Result> = fc
  .record({
    end: fc.constantFrom(
      ...([
        ['COMPLETED', 'COMPLETED', 0],
        ['COMPLETED', 'COMPLETED', 0],
        ['COMPLETED', 'COMPLETED', 0],
        ['FAILED', 'FAILED', 1],
        ['FAILED', 'FAILED', 2],
        ['FAILED', 'X', 1],
        ['COMPLETED', 'X', 0],
        ['COMPLETED', 'GO', 0],
        ['COMPLETED', 'FAILED', 0],
        ['COMPLETED', '1', 0],
        ['FAILED', 'UNKNOWN', 1],
      ] as const),
    ),
    duration: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ end: [status, exitStatus, exitCode], duration }) => ({ status, exitStatus, exitCode, duration }));

/** The ends of all children in one attempt, by the numbers in their names. */
export const results: fc.Arbitrary<(step: string) => Result> = fc
  .array(result, { minLength: 10, maxLength: 60, size: 'max' })
  .map((all) => (step: string) => all[Number(/\d+/.exec(step)?.[0]) % all.length]!);
