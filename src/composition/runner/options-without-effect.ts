const NO_THREADS = 'branches have no threads; split-thread-core-pool-size alone says how many run at once';

/** Properties of SCDF's runner that change nothing here, with the reason. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'split-thread-max-pool-size': NO_THREADS,
  'split-thread-queue-capacity': NO_THREADS,
  'split-thread-keep-alive-seconds': NO_THREADS,
  'split-thread-allow-core-thread-timeout': NO_THREADS,
  'split-thread-wait-for-tasks-to-complete-on-shutdown': NO_THREADS,
  'transaction-isolation-level': 'runs of one composed task take turns when they begin',
};

/** Sentences about what was given and changes nothing. */
export function optionsWithoutEffect(isGiven: (name: string) => boolean): readonly string[] {
  return Object.entries(WITHOUT_EFFECT)
    .filter(([name]) => isGiven(name))
    .map(([name, reason]) => `${name} has no effect: ${reason}.`);
}
