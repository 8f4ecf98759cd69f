import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { findSteps } from './composed-step.sql.js';
import { lineOf, type StoryEvent, tellStory } from './composed-story.js';
import { findToldChildren, findToldRun, findToldSteps } from './composed-story.sql.js';
import { makePlan } from './engine/make-plan.js';
import type { Plan } from './engine/plan.js';

/** ms between two looks at a run whose story is followed. */
const PAUSE = 1_000;

/** The story of a run so far. */
interface Story {
  readonly events: readonly StoryEvent[];
  readonly ended: boolean;
}

/** The log of a composed task: no program writes one, so its rows tell what happened. */
@Injectable()
export class ComposedStories {
  constructor(private readonly database: Database) {}

  /**
   * The story as text, a line for each event with its time.
   * @param since leaves out what happened before
   * @param tailLines only the last so many lines
   * @returns undefined for an external id that belongs to no run of a composed task
   */
  async tell(
    externalId: string,
    { since, tailLines }: { readonly since?: Date; readonly tailLines?: number },
  ): Promise<string | undefined> {
    const story = await this.find(externalId);
    if (story === undefined) return undefined;
    const lines = story.events.filter(({ at }) => since === undefined || at >= since).map(lineOf);
    const shown = tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - tailLines));
    return shown.map((line) => `${line}\n`).join('');
  }

  /** Whether an external id belongs to a run of a composed task. */
  async knows(externalId: string): Promise<boolean> {
    return (await findToldRun(this.database, externalId)) !== undefined;
  }

  /** The story as it happens, until the run has ended. */
  async *follow(externalId: string, signal: AbortSignal): AsyncGenerator<string, undefined> {
    const told = new Set<string>();
    while (!signal.aborted) {
      const story = await this.find(externalId);
      if (story === undefined) return;
      const fresh = story.events.map(lineOf).filter((line) => !told.has(line));
      for (const line of fresh) told.add(line);
      if (fresh.length > 0) yield fresh.map((line) => `${line}\n`).join('');
      if (story.ended) return;
      await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
    }
  }

  private async find(externalId: string): Promise<Story | undefined> {
    const run = await findToldRun(this.database, externalId);
    if (run === undefined) return undefined;
    const [children, steps, told] = await Promise.all([
      findToldChildren(this.database, run.key),
      findSteps(this.database, run.jobInstanceId),
      findToldSteps(this.database, run.jobExecutionId),
    ]);
    const events = tellStory({ run, plan: planOf(run.taskName, run.planText), children, steps, told });
    return { events, ended: run.endedAt !== null };
  }
}

/** A story can be told of what no version of the server would run any more. */
function planOf(name: string, text: string): Plan | null {
  try {
    return makePlan(name, text);
  } catch {
    return null;
  }
}
