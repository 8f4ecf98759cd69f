/** What a run tells, a line for each event. Nothing in it is secret: it holds names, ids, statuses and reasons. */
export interface RunnerLog {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** Writes lines with their times, as the log of the runner's process shows them. */
export function runnerLog(write: (line: string) => void): RunnerLog {
  let last = '';
  const line = (level: string) => (text: string) => {
    // What is tried again and again fails in the same words.
    if (level === 'WARN' && text === last) return;
    last = text;
    write(`${new Date().toISOString()} ${level.padEnd(5)} ${text}\n`);
  };
  return { info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
}
