/**
 * The things that can be wrong with a definition: the numbers and texts of Spring Cloud Data Flow's DSL messages, which
 * its clients show and match on, and beside each a hint that says what to do.
 */

interface Kind {
  /** The number in front of the message, as in `112E`. */
  readonly number: number;
  /** The message; `{0}`, `{1}` stand for the inserts and remain as they are where an insert is missing. */
  readonly text: string;
  readonly hint: string;
}

const KINDS = {
  NO_WHITESPACE_BEFORE_ARG_NAME: {
    number: 101,
    text: 'No whitespace allowed between -- and option name',
    hint: 'Write the option name directly behind --, as in --name=value.',
  },
  NO_WHITESPACE_BEFORE_ARG_EQUALS: {
    number: 102,
    text: 'No whitespace allowed after argument name and before =',
    hint: 'Write = directly behind the option name, as in --name=value.',
  },
  NO_WHITESPACE_BEFORE_ARG_VALUE: {
    number: 103,
    text: 'No whitespace allowed after = and before option value',
    hint: 'Write the value directly behind =, as in --name=value.',
  },
  EXPECTED_ARGUMENT_VALUE: {
    number: 105,
    text: "Expected an argument value but was '{0}'",
    hint: "Write a value behind =; an empty one is '', and one with | ; > or a space needs quotes.",
  },
  NON_TERMINATING_DOUBLE_QUOTED_STRING: {
    number: 106,
    text: 'Cannot find terminating " for string',
    hint: 'Close the quoted text with another ".',
  },
  NON_TERMINATING_QUOTED_STRING: {
    number: 107,
    text: "Cannot find terminating ' for string",
    hint: "Close the quoted text with another '; write '' for a quote inside it.",
  },
  MISSING_CHARACTER: {
    number: 108,
    text: "missing expected character '{0}'",
    hint: "Options start with two hyphens and arrows are ->; quote a negative status, as in '-1'->app.",
  },
  NOT_EXPECTED_TOKEN: {
    number: 111,
    text: "Unexpected token.  Expected '{0}' but was '{1}'",
    hint: 'Put what is expected in front of this place, or remove what stands here.',
  },
  OOD: {
    number: 112,
    text: 'Unexpectedly ran out of input',
    hint: 'The definition stops too early: complete it or remove what needs something behind it.',
  },
  UNEXPECTED_ESCAPE_CHAR: {
    number: 114,
    text: 'unexpected escape character.',
    hint: 'A backslash may only stand inside an option value or a quoted status.',
  },
  EXPECTED_APPNAME: {
    number: 118,
    text: "expected app name but found '{0}'",
    hint: 'Write the name of a registered task app here: letters, digits, _, $ and -, without quotes.',
  },
  ILLEGAL_TASK_NAME: {
    number: 123,
    text: "illegal name for a task '{0}'",
    hint: 'A task name starts with a letter, _ or $, and goes on with letters, digits, _, $ or -.',
  },
  NO_WHITESPACE_IN_DOTTED_NAME: {
    number: 145,
    text: 'no whitespace is allowed between dot and components of a name',
    hint: 'Write a dotted option name in one piece, as in --server.port=8080.',
  },
  TASK_DOUBLE_AND_REQUIRED: {
    number: 150,
    text: 'task dsl flow requires a pair of &, not just one',
    hint: 'Write && between two apps that run one after the other.',
  },
  TASK_DOUBLE_OR_REQUIRED: {
    number: 151,
    text: 'task dsl requires a pair of |',
    hint: 'Write || between two branches of a split.',
  },
  TASK_UNQUOTED_TRANSITION_CHECK_MUST_BE_NUMBER: {
    number: 154,
    text: "transition conditions must be quoted literals, numerics or * but '{0}' is not",
    hint: "Put an exit status in quotes, as in 'FAILED'->app; only exit codes up to 2147483647 and * go without.",
  },
  TASK_NO_LABELS_ON_PARENS: {
    number: 155,
    text: 'labels cannot be specified on parenthesized groups',
    hint: 'Put the label on the first app inside the parentheses.',
  },
  NO_DOUBLE_LABELS: {
    number: 156,
    text: 'multiple labels are not supported',
    hint: 'Remove one of the labels.',
  },
  TASK_ARROW_SHOULD_BE_PRECEDED_BY_CODE: {
    number: 157,
    text: 'transition arrow must be preceeded by the exit code that should drive the transition',
    hint: "Write an exit code, a quoted exit status or * in front of ->, as in 'FAILED'->app, apart from the app name.",
  },
  TASK_VALIDATION_SECONDARY_SEQUENCES_MUST_BE_NAMED: {
    number: 158,
    text: 'secondary sequences must have labels or are unreachable',
    hint: 'Put a label in front of this sequence, or join it to the one before with &&.',
  },
  TASK_VALIDATION_DUPLICATE_LABEL: {
    number: 159,
    text: 'this label has already been defined',
    hint: 'Give each app and split a label of its own.',
  },
  TASK_VALIDATION_TRANSITION_TARGET_LABEL_UNDEFINED: {
    number: 160,
    text: 'transition specifies an undefined label',
    hint: 'Put this label on an app or a split of the definition, or name an app without the colon.',
  },
  TASK_UNEXPECTED_DATA: {
    number: 162,
    text: "unexpected data in task definition '{0}'",
    hint: 'This character may only stand inside an option value or a quoted status.',
  },
  TASK_MORE_INPUT: {
    number: 163,
    text: "after parsing a valid task, there is still more data: '{0}'",
    hint: 'Join apps with && or, inside < and >, with ||; put an option value that has spaces in quotes.',
  },
  TASK_VALIDATION_LABEL_CLASHES_WITH_TASKAPP_NAME: {
    number: 164,
    text: 'the label clashes with an existing unlabeled task application name',
    hint: 'Choose a label that is not the name of an app without label.',
  },
  TASK_VALIDATION_APP_NAME_CLASHES_WITH_LABEL: {
    number: 165,
    text: 'the app name clashes with an existing label',
    hint: 'Give this app a label, or change the label that is equal to its name.',
  },
  TASK_VALIDATION_APP_NAME_ALREADY_IN_USE: {
    number: 166,
    text: 'duplicate app name. Use a label to ensure uniqueness',
    hint: 'Give each further use of an app a label, as in second: app.',
  },
  TASK_ARGUMENTS_NOT_ALLOWED_UNLESS_IN_APP_MODE: {
    number: 168,
    text: 'arguments not allowed unless parser is in app mode',
    hint: 'Here apps stand for task definitions: put the options into those definitions.',
  },
  // Not among the messages of Spring Cloud Data Flow, which fails without one.
  TASK_NESTED_TOO_DEEPLY: {
    number: 190,
    text: 'splits and parentheses are nested more than {0} levels deep',
    hint: 'Move the inner part into a composed task of its own.',
  },
} as const satisfies Record<string, Kind>;

/** The symbolic name of a kind of problem, as Spring Cloud Data Flow calls it. */
export type ProblemCode = keyof typeof KINDS;

/** One thing that is wrong with a definition. */
export interface Problem {
  readonly code: ProblemCode;
  /** The number of the message, as in `112E`. */
  readonly number: number;
  /** Where it is, in UTF-16 units from the start of the definition's text. */
  readonly position: number;
  /** The one-line form that clients show: `112E:(pos 4): Unexpectedly ran out of input`. */
  readonly message: string;
  /** What to do about it, in a sentence. */
  readonly hint: string;
}

/** Builds the problem of a kind at a position; the inserts take the places `{0}`, `{1}` of its text. */
export function problem(code: ProblemCode, position: number, inserts: readonly string[] = []): Problem {
  const { number, text, hint } = KINDS[code];
  const filled = text.replace(/\{(\d)\}/g, (place, index: string) => inserts[Number(index)] ?? place);
  return { code, number, position, message: `${number}E:(pos ${position}): ${filled}`, hint };
}
