import { z } from 'zod';
import { REMOVAL_ACTIONS, type RemovalAction } from './removal-batches.service.js';
import type { RemovalSelection } from './removal-run.js';

/** Which executions a clean-up removes. */
export interface CleanUpFilter {
  readonly taskName?: string | undefined;
  readonly completedOnly: boolean;
  /** Only those that ended before; implies completed. */
  readonly endedBefore?: Date | undefined;
}

/** What a clean-up was asked for. */
export interface CleanUpSelection extends CleanUpFilter {
  readonly actions: readonly RemovalAction[];
  /** The last execution of each generation when it was asked for, 0 for none: later ones are not meant. */
  readonly upTo: Readonly<Record<'boot2' | 'boot3', number>>;
}

const lastId = z.number().int().nonnegative();

const WrittenSelection = z.object({
  taskName: z.string().optional(),
  completedOnly: z.boolean(),
  endedBefore: z.coerce.date().optional(),
  actions: z.array(z.enum(REMOVAL_ACTIONS)),
  upTo: z.object({ boot2: lastId, boot3: lastId }),
});

/** As it is kept with the run, from which another server can carry it on. */
export function writeSelection(selection: CleanUpSelection): RemovalSelection {
  return { ...selection, endedBefore: selection.endedBefore?.toISOString() };
}

/** @returns undefined for what is none, as that of a clean-up from before they could be carried on */
export function readSelection(written: RemovalSelection): CleanUpSelection | undefined {
  return WrittenSelection.safeParse(written).data;
}
