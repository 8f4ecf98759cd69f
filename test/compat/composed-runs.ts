import { getJson } from '../support/http.js';
import type { Pair } from './alignment.js';
import type { Exchange } from './exchanges.js';
import type { Identities, IdSpace } from './identities.js';

/** An execution of a composed task or of one of its children, as a recording shows it. */
interface RecordedExecution {
  readonly id: number;
  readonly schemaTarget: string;
  readonly taskName: string;
  /** The run that launched it, which is of Boot 2 always; null for a run. */
  readonly parent: number | null;
  readonly externalExecutionId: string | null;
}

type Resource = Readonly<Record<string, unknown>>;

/** Lists of task or job executions, and the field of an element that holds the id of its task execution. */
const taskExecutionIn: Readonly<Record<string, string>> = {
  taskExecutionResourceList: 'executionId',
  taskExecutionThinResourceList: 'executionId',
  jobExecutionResourceList: 'taskExecutionId',
};

/**
 * The executions of composed tasks in a recording.
 *
 * The recorded runners were processes that took seconds to start and looked after their children once in a while, so that
 * the numbers of children and jobs came about by chance. A child is therefore known by its task and the run that it belongs
 * to, a run by its task, and a job by its run, whatever their numbers are.
 */
export class ComposedRuns {
  private readonly executions = new Map<string, RecordedExecution>();
  private readonly shownBy = new Map<number, ReadonlySet<string>>();

  constructor(exchanges: readonly Exchange[]) {
    for (const { response } of exchanges) {
      visitResources(response.body, (resource) => this.collect(resource));
    }
    for (const { number, request, response } of exchanges) {
      const shown = new Set<string>();
      const asked = /^\/tasks\/executions\/(\d+)$/.exec(request.path)?.[1];
      if (asked !== undefined) {
        shown.add(keyOf('boot2', Number(asked)));
      }
      visitResources(response.body, (resource) =>
        shown.add(keyOf(targetOf(resource), Number(resource['executionId']))),
      );
      this.shownBy.set(number, shown);
    }
  }

  /** Looks up, on a server, those that an exchange shows and that are not known yet; what is not there stays unknown. */
  async learn(exchange: number, baseUrl: string, identities: Identities): Promise<void> {
    const shown = [...(this.shownBy.get(exchange) ?? [])].flatMap((key) => this.executions.get(key) ?? []);
    for (const execution of shown.sort((one, other) => one.id - other.id)) {
      const isKnown = identities.knowsId(spaceOf(execution), execution.id);
      const named = execution.externalExecutionId;
      if (!isKnown || (named !== null && !identities.knowsName(named))) {
        await learnOne(execution, baseUrl, identities);
      }
    }
  }

  /**
   * Pairs the elements of lists that show composed tasks: those of composed tasks by what they are, the others by their
   * name, in order.
   *
   * @returns undefined for any other list
   */
  pair(
    recorded: readonly unknown[],
    actual: readonly unknown[],
    field: string,
    identities: Identities,
  ): Pair[] | undefined {
    const idField = taskExecutionIn[field];
    if (idField === undefined || !recorded.some((element) => this.includes(element, idField))) {
      return undefined;
    }
    const left = [...actual];
    return recorded.map((element) => {
      const index = left.findIndex((candidate) =>
        this.includes(element, idField)
          ? targetOf(element) === targetOf(candidate) &&
            identities.idOf(`task:${targetOf(element)}`, Number(valueOf(element, idField))) ===
              valueOf(candidate, idField)
          : ['taskName', 'name', 'schemaTarget'].every((name) => valueOf(element, name) === valueOf(candidate, name)),
      );
      return index < 0 ? [element] : [element, left.splice(index, 1)[0]];
    });
  }

  private includes(element: unknown, idField: string): boolean {
    return this.executions.has(keyOf(targetOf(element), Number(valueOf(element, idField))));
  }

  private collect(resource: Resource): void {
    const given = Array.isArray(resource['arguments']) ? resource['arguments'].map(String) : [];
    const parent = given.map((argument) => /^--spring\.cloud\.task\.parent-execution-id=(\d+)$/.exec(argument)?.[1]);
    const parentId = parent.find((id) => id !== undefined);
    if (parentId === undefined && !given.includes('--spring.cloud.data.flow.taskappname=composed-task-runner')) {
      return;
    }
    const id = Number(resource['executionId']);
    const externalId = resource['externalExecutionId'];
    this.executions.set(keyOf(targetOf(resource), id), {
      id,
      schemaTarget: targetOf(resource),
      taskName: String(resource['taskName']),
      parent: parentId === undefined ? null : Number(parentId),
      externalExecutionId: typeof externalId === 'string' ? externalId : null,
    });
  }
}

/** Whether a list is in the order of the recorded one, as far as that can be told: the latest first. */
export function isInOrderOf(recorded: readonly unknown[], actual: readonly unknown[]): boolean {
  return ['executionId', 'startTime'].every((field) => !descends(recorded, field) || descends(actual, field));
}

function descends(list: readonly unknown[], field: string): boolean {
  // Ids have different numbers of digits, times all have the same; what has no time is taken for the latest.
  const values = list.map((element) => {
    const value = valueOf(element, field);
    return typeof value === 'number' || typeof value === 'string' ? value.toString().padStart(30) : '~';
  });
  return values.every((value, index) => index === 0 || (values[index - 1] ?? '') >= value);
}

async function learnOne(execution: RecordedExecution, baseUrl: string, identities: Identities): Promise<void> {
  const { taskName, schemaTarget, parent, id, externalExecutionId } = execution;
  const space = spaceOf(execution);
  const query = `name=${taskName}&size=100&sort=TASK_EXECUTION_ID,ASC`;
  const { body } = await getJson(baseUrl, `/tasks/executions?${query}`);
  const found: Resource[] = [];
  visitResources(body, (resource) => found.push(resource));
  const parentHere = parent === null ? null : identities.idOf('task:boot2', parent);
  const here = found.find(
    (resource) =>
      targetOf(resource) === schemaTarget &&
      resource['parentExecutionId'] === parentHere &&
      (identities.knowsId(space, id)
        ? identities.idOf(space, id) === resource['executionId']
        : !identities.isTaken(space, Number(resource['executionId']))),
  );
  if (here === undefined) {
    return;
  }
  identities.sameId(space, id, Number(here['executionId']));
  if (externalExecutionId !== null && typeof here['externalExecutionId'] === 'string') {
    identities.sameName(externalExecutionId, here['externalExecutionId']);
  }
}

/** Calls back for each task execution in a body. */
function visitResources(body: unknown, visit: (resource: Resource) => void): void {
  if (Array.isArray(body)) {
    body.forEach((element) => visitResources(element, visit));
  } else if (typeof body === 'object' && body !== null) {
    const resource = body as Resource;
    if (typeof resource['executionId'] === 'number' && typeof resource['taskName'] === 'string') {
      visit(resource);
    }
    Object.values(resource).forEach((value) => visitResources(value, visit));
  }
}

function keyOf(schemaTarget: string, id: number): string {
  return `${schemaTarget} ${id}`;
}

function spaceOf({ schemaTarget }: RecordedExecution): IdSpace {
  return `task:${schemaTarget}`;
}

/** Resources of jobs do not say their schema target unless it is Boot 3. */
function targetOf(element: unknown): string {
  const target = valueOf(element, 'schemaTarget');
  return typeof target === 'string' ? target : 'boot2';
}

function valueOf(element: unknown, field: string): unknown {
  return (element as Resource | null)?.[field];
}
