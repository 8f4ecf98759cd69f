import type { IdSpace, Identities } from './identities.js';

/** Whose link it is and what it leads to: `self`, `stop`, … */
export interface LinkContext {
  readonly relation: string;
  /** The resource that carries the link, as recorded. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly schemaTarget: string;
  /**
   * SCDF mixes up ids in the links of a job execution: `self` carries the id of the task execution, `stop` and `restart`
   * that of the job instance. `recorded` expects them so, `meant` with the id of the job execution.
   */
  readonly jobLinks: 'recorded' | 'meant';
}

/** A recorded link with this server's address and ids. */
export function translateLink(href: string, context: LinkContext, identities: Identities): string {
  const target = /[?&]schemaTarget=([^&]+)/.exec(href)?.[1] ?? context.schemaTarget;
  const id = (kind: 'task' | 'job-execution' | 'job-instance' | 'step', recorded: string) =>
    String(identities.idOf(`${kind}:${target}`, Number(recorded)));
  return identities
    .translate(href)
    .replace(/\/tasks\/executions\/(\d+)/, (_, recorded: string) => `/tasks/executions/${id('task', recorded)}`)
    .replace(/\/jobs\/instances\/(\d+)/, (_, recorded: string) => `/jobs/instances/${id('job-instance', recorded)}`)
    .replace(
      /\/audit-records\/(\d+)/,
      (_, recorded: string) => `/audit-records/${identities.idOf('audit', Number(recorded))}`,
    )
    .replace(/\/jobs\/executions\/(\d+)(\/steps\/(\d+))?/, (_, recorded: string, steps?: string, step?: string) =>
      steps === undefined || step === undefined
        ? `/jobs/executions/${jobExecutionLinkId(recorded, target, context, identities)}`
        : `/jobs/executions/${id('job-execution', recorded)}/steps/${id('step', step)}`,
    );
}

function jobExecutionLinkId(recorded: string, target: string, context: LinkContext, identities: Identities): number {
  const meant = context.resource['executionId'];
  if (typeof meant !== 'number' || !('jobId' in context.resource)) {
    return identities.idOf(`job-execution:${target}`, Number(recorded));
  }
  if (context.jobLinks === 'meant') {
    return identities.idOf(`job-execution:${target}`, meant);
  }
  const space: IdSpace = context.relation === 'self' ? `task:${target}` : `job-instance:${target}`;
  return identities.idOf(space, Number(recorded));
}
