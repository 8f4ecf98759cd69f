import { Injectable } from '@nestjs/common';
import { LruMap } from '../collections/lru-map.js';
import { makePlan } from './engine/make-plan.js';
import type { Plan } from './engine/plan.js';

/** Plans that are kept; a long one takes some hundred kilobytes. */
const KEPT = 64;

/** The plans of runs under way: each round of a run needs its plan, and to read a long text takes longer than all else. */
@Injectable()
export class Plans {
  private readonly kept = new LruMap<string, Plan>(KEPT);

  /** See {@link makePlan}. */
  planOf(taskName: string, executableText: string): Plan {
    const key = `${taskName}\n${executableText}`;
    const kept = this.kept.get(key);
    if (kept !== undefined) return kept;
    const plan = makePlan(taskName, executableText);
    this.kept.set(key, plan);
    return plan;
  }
}
