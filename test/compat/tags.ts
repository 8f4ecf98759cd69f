/**
 * The exchanges that belong to parts of the server with work of their own. A tag that is pending is not replayed; taking
 * it off the list of `pendingTags` switches its exchanges on.
 */
export type Tag = 'composed-launches' | 'job-control' | 'tools' | 'completions' | 'schedules' | 'dashboard';

interface TaggedSet {
  readonly about: string;
  readonly exchanges: readonly number[];
  /**
   * Exchanges outside of the set that show what became of it, and where: `body` for the whole answer. Such an exchange is
   * replayed all the same while the set is pending, but these places of it are not compared.
   */
  readonly shownBy: readonly { readonly exchanges: readonly number[]; readonly paths: readonly string[] }[];
}

export const taggedSets: Readonly<Record<Tag, TaggedSet>> = {
  'composed-launches': {
    about: 'launch, children, restart and clean-up of composed tasks',
    exchanges: [...span(408, 435), 484, 485, 486],
    shownBy: [
      // The numbers of audit records and of executions, and the pages that follow from them.
      { exchanges: [452, 456, 458, 461], paths: ['body.page.*', 'body._links.last.href'] },
      { exchanges: [453], paths: ['body'] },
    ],
  },
  'job-control': {
    about: 'restart and stop of job executions',
    exchanges: [333, 339, 341, 342, 343, 344, 346, 376, 377, 379, 398, 401, 402, 405, 499],
    shownBy: [
      { exchanges: [380, 382, 383], paths: ['body'] },
      { exchanges: [386, 387], paths: ['body'] },
    ],
  },
  tools: { about: 'task text to graph and back', exchanges: span(191, 214), shownBy: [] },
  completions: {
    about: 'completion of task definitions',
    exchanges: [35, 44, ...span(175, 190), ...span(215, 230)],
    shownBy: [],
  },
  schedules: { about: 'schedules', exchanges: [36, 37, ...span(437, 451)], shownBy: [] },
  dashboard: { about: 'the dashboard', exchanges: [50], shownBy: [] },
};

/** What is not built yet. */
export const pendingTags: readonly Tag[] = [];

/** The pending tag that an exchange belongs to, if any. */
export function pendingTagOf(number: number, pending: readonly Tag[]): Tag | undefined {
  return pending.find((tag) => taggedSets[tag].exchanges.includes(number));
}

/** The places of an exchange's answer that show what became of a pending set. */
export function pathsOfPendingSets(number: number, pending: readonly Tag[]): readonly string[] {
  return pending
    .flatMap((tag) => taggedSets[tag].shownBy)
    .filter((entry) => entry.exchanges.includes(number))
    .flatMap((entry) => entry.paths);
}

/**
 * Whether an exchange needs the sample applications: it reads their metadata, launches them or shows what they did.
 * The rest (registry, definitions, empty lists, refusals) can be replayed on a machine without Java.
 */
export function needsApplications(number: number): boolean {
  const readsMetadata = [88, 89, 90, 91, 92, 163, 167, 231, ...span(175, 188), ...span(215, 230)].includes(number);
  const withoutHistory = [
    ...[247, 254, 266, 267, 268, 270, 271, 274, 287, 290, 291, 297, 299, 304, 311],
    ...[343, 344, 346, 347, 348, 349, 352, 355, 360, 366, 403, 432],
    ...span(437, 451),
    ...[455, 459, 460, 461, 462, 464, 476, 478, 489, 490, 491, 492, 493, 497, 499, 500, 501, 502, 503],
  ].includes(number);
  return (
    readsMetadata ||
    (number >= 233 && number <= 500 && !withoutHistory) ||
    (number >= 513 && number <= 521) ||
    number === 527
  );
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
