/**
 * The parsed form of a task definition.
 *
 * A task is a list of sequences; a sequence is a flow of elements that run one after the other; an element is an app or
 * a split, whose branches run side by side and are flows again. Parentheses leave no trace. All nodes are immutable.
 */

/** A piece of the text, in UTF-16 units from its start; `end` is exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** The name in front of a colon, which tells two uses of an app apart and can be the target of a transition. */
export interface Label {
  readonly text: string;
  readonly range: TextRange;
}

/** One `--name=value`. `value` is what the application gets: a quoted value without its quotes. */
export interface Option {
  readonly name: string;
  readonly value: string;
  readonly valueRange: TextRange;
  readonly range: TextRange;
}

/**
 * What a transition waits for. `text` is as written, `value` without quotes. Quoted, it is compared with the exit
 * status; bare, with the exit code; `*` matches anything in either form.
 */
export interface TransitionStatus {
  readonly text: string;
  readonly value: string;
  readonly quoted: boolean;
  readonly range: TextRange;
}

/** A transition's target `:label`: go on at the element that bears the label. */
export interface LabelReference {
  readonly kind: 'label';
  readonly label: string;
  readonly range: TextRange;
}

/** `status->target` behind an app. A target app has no transitions of its own. */
export interface Transition {
  readonly status: TransitionStatus;
  readonly target: AppNode | LabelReference;
  readonly range: TextRange;
}

/** One use of a registered app, with its options and transitions in written order. */
export interface AppNode {
  readonly kind: 'app';
  readonly label: Label | null;
  readonly name: string;
  readonly nameRange: TextRange;
  readonly options: readonly Option[];
  readonly transitions: readonly Transition[];
  readonly range: TextRange;
}

/** `<a || b>`: one branch or more. */
export interface SplitNode {
  readonly kind: 'split';
  readonly label: Label | null;
  readonly branches: readonly FlowNode[];
  readonly range: TextRange;
}

export type FlowElement = AppNode | SplitNode;

/** `a && b`: one element or more. Its label, if any, is that of its first element. */
export interface FlowNode {
  readonly kind: 'flow';
  readonly elements: readonly FlowElement[];
  readonly range: TextRange;
}

/** A parsed definition: the first sequence is where a launch starts, the others are reached by their labels. */
export interface TaskNode {
  readonly sequences: readonly FlowNode[];
}

/** Targets that end the whole flow, well or badly, instead of running an app. They mean this only as targets. */
export const END_STATES: ReadonlySet<string> = new Set(['$END', '$FAIL']);
