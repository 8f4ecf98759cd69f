import type { Output } from '../output.js';
import type { Execution, LaunchedExecution, RestClient } from '../rest-client.js';
import { VERSION } from '../sample-apps.js';
import { durationBetween } from '../table.js';

/** What the story is told with. */
export interface KubernetesStage {
  readonly client: RestClient;
  readonly output: Output;
  /** Names of two platform accounts. */
  readonly accounts: readonly [string, string];
  /** An image with a shell. */
  readonly image: string;
  /** How many pods an execution has; undefined where that cannot be seen. */
  readonly podsOf: (execution: Execution) => Promise<number | undefined>;
}

/** A container may have to wait for its image and for room, ms. */
const TIMEOUT = 180_000;

const PREFIX = 'demo-k8s-';

const APPS = {
  image: { name: 'demo-image', about: 'the image' },
  missing: { name: 'demo-missing-image', about: 'an image that no registry has' },
} as const;

const TASKS = {
  report: {
    name: `${PREFIX}report`,
    app: APPS.image.name,
    about: 'counts to five and says where it runs',
    script: 'for i in 1 2 3 4 5; do echo "step $i of 5 in pod $HOSTNAME"; sleep 1; done; echo done',
  },
  check: {
    name: `${PREFIX}check`,
    app: APPS.image.name,
    about: 'finds something wrong and ends with exit code 3',
    script: 'echo "checking the stock"; echo "3 articles are missing" >&2; exit 3',
  },
  typo: { name: `${PREFIX}typo`, app: APPS.missing.name, about: 'can never start', script: 'true' },
} as const;

type Task = (typeof TASKS)[keyof typeof TASKS];

const COLUMNS = [
  { title: 'Id', align: 'right' },
  { title: 'Account' },
  { title: 'Task' },
  { title: 'State' },
  { title: 'Exit code', align: 'right' },
  { title: 'Took', align: 'right' },
] as const;

/** The main job on Kubernetes: one image, two accounts, a log that is followed, failures with their reasons, clean-up, history. */
export class KubernetesStory {
  readonly #disappointments: string[] = [];

  constructor(private readonly stage: KubernetesStage) {}

  /** @returns what went other than expected, sentences; empty when all is well */
  async tell(): Promise<readonly string[]> {
    const { output, accounts } = this.stage;
    await this.#register();
    await this.#define();
    const ended = await this.#followInBothAccounts();
    output.chapter('A task that fails');
    const failed = await this.#end(await this.#launch(TASKS.check, accounts[1]));
    this.#expect(failed, failed.exitCode === 3, 'exit code 3');
    await this.#showFailure(failed);
    output.chapter('A task whose image does not exist');
    output.note(
      'the cluster goes on trying to pull it; the server gives up after a while (millrace.kubernetes.image-timeout)',
    );
    const never = await this.#end(await this.#launch(TASKS.typo, accounts[0]));
    this.#expect(never, /image/i.test(never.errorMessage ?? ''), 'a reason that names the image');
    await this.#showFailure(never);
    const [first] = ended;
    if (first !== undefined) await this.#cleanUp(first);
    return this.#disappointments;
  }

  /** What is kept of all this. */
  async showHistory(): Promise<void> {
    const { client, output } = this.stage;
    output.chapter('Read the history');
    const { elements, total } = await client.list<Execution>(
      '/tasks/executions?page=0&size=10&sort=TASK_EXECUTION_ID,DESC',
    );
    this.#table(elements.filter(({ taskName }) => taskName.startsWith('demo-')));
    output.note(`the latest of ${total} executions of all tasks`);
  }

  async #register(): Promise<void> {
    const { client, output, image } = this.stage;
    output.chapter('Register a container image');
    const missing = `${image.replace(/[@:][^/]*$/, '')}-that-does-not-exist:1.0`;
    await client.register(APPS.image.name, VERSION, { uri: `docker:${image}` });
    await client.register(APPS.missing.name, VERSION, { uri: `docker:${missing}` });
    output.pairs([
      [APPS.image.name, `docker:${image}`],
      [APPS.missing.name, `docker:${missing}  (on purpose)`],
    ]);
  }

  async #define(): Promise<void> {
    const { client, output } = this.stage;
    output.chapter('Define tasks of it');
    for (const { name, app, about } of Object.values(TASKS)) await client.define(name, app, about);
    output.pairs(Object.values(TASKS).map(({ name, about }) => [name, about]));
  }

  async #followInBothAccounts(): Promise<readonly Execution[]> {
    const { output, accounts } = this.stage;
    output.chapter('Launch one in both accounts, and follow the logs while they are written');
    const launched: LaunchedExecution[] = [];
    for (const account of accounts) launched.push(await this.#launch(TASKS.report, account));
    output.line();
    const ended = await Promise.all(launched.map((one, at) => this.#followLive(one, accounts[at] ?? '')));
    output.line();
    this.#table(ended);
    for (const execution of ended) this.#expect(execution, execution.exitCode === 0, 'exit code 0');
    return ended;
  }

  async #launch(task: Task, account: string): Promise<LaunchedExecution> {
    const { client, output } = this.stage;
    const properties = {
      'spring.cloud.dataflow.task.platformName': account,
      [`deployer.${task.app}.kubernetes.containerCommand`]: `sh -c '${task.script}'`,
      [`deployer.${task.app}.kubernetes.terminationGracePeriodSeconds`]: '2',
    };
    const written = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
    const launched = await client.launch(task.name, { properties: written.join(',') });
    output.line(`${task.name} on ${account}`.padEnd(40) + `execution ${launched.executionId}`);
    return launched;
  }

  async #followLive(launched: LaunchedExecution, account: string): Promise<Execution> {
    const { client, output } = this.stage;
    // The name of the pod is in the row as soon as the launch is answered.
    const execution = await client.follow(launched, ({ externalExecutionId }) => externalExecutionId !== null, TIMEOUT);
    let lines = 0;
    for await (const line of client.followLog(execution, TIMEOUT)) {
      lines++;
      output.excerpt([`${account}  ${line}`]);
    }
    const ended = await this.#end(launched);
    this.#expect(ended, lines > 0, 'a log that can be followed');
    return ended;
  }

  #end(launched: LaunchedExecution): Promise<Execution> {
    return this.stage.client.follow(launched, ({ endTime }) => endTime !== null, TIMEOUT);
  }

  async #showFailure(execution: Execution): Promise<void> {
    const { client, output } = this.stage;
    output.line();
    this.#table([execution]);
    output.line(`Reason: ${execution.errorMessage ?? 'none given'}`);
    const log = await client.log(execution);
    if (log.some((line) => line !== '')) output.excerpt(log.slice(-5));
  }

  async #cleanUp(execution: Execution): Promise<void> {
    const { client, output, podsOf } = this.stage;
    output.chapter('Clean up, and read the log all the same');
    const before = await podsOf(execution);
    await client.cleanUp(execution);
    const after = before === undefined ? undefined : await this.#untilNoPod(execution);
    const pods = before === undefined ? '' : `: pods before ${before}, after ${after ?? before}`;
    output.line(`execution ${execution.executionId} on ${execution.platformName ?? ''} was cleaned up${pods}`);
    const log = await client.log(execution);
    output.excerpt(log.slice(-3));
    this.#expect(execution, log.at(-1) === 'done', 'a log after clean-up');
    this.#expect(execution, after === undefined || after === 0, 'no pod after clean-up');
  }

  async #untilNoPod(execution: Execution): Promise<number> {
    let pods = await this.stage.podsOf(execution);
    for (const giveUp = Date.now() + 10_000; pods !== 0 && Date.now() < giveUp;) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      pods = await this.stage.podsOf(execution);
    }
    return pods ?? 0;
  }

  #expect({ executionId, taskName, taskExecutionStatus, errorMessage }: Execution, met: boolean, what: string): void {
    if (met) return;
    const state = `${taskExecutionStatus}${errorMessage === null ? '' : `: ${errorMessage}`}`;
    this.#disappointments.push(`execution ${executionId} of ${taskName} should have shown ${what} (${state})`);
  }

  #table(executions: readonly Execution[]): void {
    this.stage.output.table(
      COLUMNS,
      executions.map((execution) => [
        String(execution.executionId),
        execution.platformName ?? '-',
        execution.taskName,
        execution.taskExecutionStatus,
        execution.exitCode === null ? '-' : String(execution.exitCode),
        durationBetween(execution.startTime, execution.endTime),
      ]),
      ([, , , state]) => (state === 'COMPLETE' ? 'green' : state === 'ERROR' ? 'red' : undefined),
    );
  }
}
