import type { Output } from './output.js';
import type { Execution, LaunchedExecution, RestClient } from './rest-client.js';
import { SAMPLE_APPS, type SampleApp, sampleUri, VERSION } from './sample-apps.js';
import { durationBetween } from './table.js';

const { greeting, import: orders, check, watch } = SAMPLE_APPS;

/** How long a sample may take, ms: they take seconds. */
const TIMEOUT = 60_000;

const EXECUTION_COLUMNS = [
  { title: 'Id', align: 'right' },
  { title: 'Schema' },
  { title: 'Task' },
  { title: 'State' },
  { title: 'Exit code', align: 'right' },
  { title: 'Took', align: 'right' },
] as const;

/** How an execution is expected to end. */
interface Expectation {
  readonly execution: Execution;
  readonly exitCode: number;
}

/** The main job: register, define, launch, follow, read back. */
export class Story {
  constructor(
    private readonly client: RestClient,
    private readonly output: Output,
    private readonly projectDirectory: string,
  ) {}

  /** @returns what went other than expected, sentences; empty when all is well */
  async tell(): Promise<readonly string[]> {
    await this.register();
    await this.define();
    const ended = await this.launchAndFollow();
    await this.showLogs(ended);
    const stopped = await this.stopOne();
    return [...ended, { execution: stopped, exitCode: 143 }].flatMap(disappointment);
  }

  /** What is kept of all this, and of earlier runs. */
  async showHistory(): Promise<void> {
    this.output.chapter('Read the history');
    const { elements, total } = await this.client.list<Execution>(
      '/tasks/executions?page=0&size=10&sort=START_TIME,DESC',
    );
    const shown = elements.filter(({ taskName }) => taskName.startsWith('demo-'));
    this.table(shown);
    this.output.note(`the latest of ${total} executions of all tasks`);
    const [last] = shown.filter(({ taskName }) => taskName === greeting.name);
    if (last === undefined) return;
    this.output.line();
    this.output.line(`Kept with execution ${last.executionId} (secrets are masked everywhere):`);
    const asked = Object.entries(last.deploymentProperties ?? {}).filter(([name]) => name.includes('.greeting.'));
    this.output.pairs([['arguments', last.arguments.join('  ')], ...asked]);
  }

  private async register(): Promise<void> {
    this.output.chapter('Register the sample applications');
    for (const app of Object.values(SAMPLE_APPS)) {
      await this.client.register(app.name, VERSION, { uri: sampleUri(this.projectDirectory, app) });
    }
    const text = (app: SampleApp) => `samples/${app.file}`.padEnd(28) + app.about;
    this.output.pairs(Object.values(SAMPLE_APPS).map((app) => [app.name, text(app)]));
  }

  private async define(): Promise<void> {
    this.output.chapter('Define a task of each');
    const lines: [string, string][] = [];
    for (const app of Object.values(SAMPLE_APPS)) {
      const isNew = await this.client.define(app.name, app.definition, app.about);
      lines.push([app.name, isNew ? app.definition : `${app.definition}  (defined already)`]);
    }
    this.output.pairs(lines);
  }

  private async launchAndFollow(): Promise<readonly Expectation[]> {
    this.output.chapter('Launch three of them, and follow them to their end');
    const launches = [
      await this.launch(greeting, '--times=1 "two words"', {
        [`app.${greeting.name}.greeting.name`]: 'Ada',
        [`app.${greeting.name}.greeting.password`]: 'correct horse',
      }),
      await this.launch(orders, '--batch-size=4'),
      await this.launch(check, ''),
    ];
    const executions = await Promise.all(
      launches.map((launched) => this.client.follow(launched, ({ endTime }) => endTime !== null, TIMEOUT)),
    );
    this.output.line();
    this.table(executions);
    return executions.map((execution) => ({ execution, exitCode: execution.taskName === check.name ? 3 : 0 }));
  }

  private async launch(
    app: SampleApp,
    words: string,
    properties: Readonly<Record<string, string>> = {},
  ): Promise<LaunchedExecution> {
    const launched = await this.client.launch(app.name, {
      arguments: words,
      properties: Object.entries(properties)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    });
    this.output.line(`${app.name} ${words}`.trimEnd().padEnd(40) + `execution ${launched.executionId}`);
    return launched;
  }

  private async showLogs(ended: readonly Expectation[]): Promise<void> {
    for (const { execution } of ended) {
      const failed = execution.taskExecutionStatus === 'ERROR';
      this.output.chapter(failed ? `Why ${execution.taskName} failed` : `What ${execution.taskName} printed`);
      if (failed) {
        this.output.line(`${execution.taskExecutionStatus}: ${execution.errorMessage ?? 'no reason given'}`);
      }
      this.output.excerpt((await this.client.log(execution)).slice(-14));
    }
  }

  private async stopOne(): Promise<Execution> {
    this.output.chapter('Stop one that would go on for ever');
    const launched = await this.launch(watch, '');
    // Stopped too early it would never have said anything.
    const talking = await this.client.follow(
      launched,
      ({ startTime, endTime }) => startTime !== null || endTime !== null,
      TIMEOUT,
    );
    await this.untilItTalks(talking);
    await this.client.stop(launched);
    const execution = await this.client.follow(launched, ({ endTime }) => endTime !== null, TIMEOUT);
    this.output.line();
    this.table([execution]);
    this.output.line(execution.errorMessage ?? '');
    this.output.line();
    this.output.excerpt((await this.client.log(execution)).slice(-4));
    return execution;
  }

  private async untilItTalks(execution: Execution): Promise<void> {
    let lines: readonly string[] = [];
    await this.client.follow(
      execution,
      ({ endTime }) => {
        void this.client.log(execution).then(
          (log) => (lines = log),
          () => undefined,
        );
        return endTime !== null || lines.some((line) => line.startsWith('look 2'));
      },
      TIMEOUT,
    );
  }

  private table(executions: readonly Execution[]): void {
    this.output.table(
      EXECUTION_COLUMNS,
      executions.map((execution) => [
        String(execution.executionId),
        execution.schemaTarget,
        execution.taskName,
        execution.taskExecutionStatus,
        execution.exitCode === null ? '-' : String(execution.exitCode),
        durationBetween(execution.startTime, execution.endTime),
      ]),
      ([, , , state]) => (state === 'COMPLETE' ? 'green' : state === 'ERROR' ? 'red' : undefined),
    );
  }
}

function disappointment({ execution, exitCode }: Expectation): string[] {
  if (execution.exitCode === exitCode) return [];
  const { executionId, taskName, errorMessage } = execution;
  return [
    `execution ${executionId} of ${taskName} ended with exit code ${execution.exitCode ?? 'unknown'} instead of ${exitCode}` +
      (errorMessage === null ? '' : `: ${errorMessage}`),
  ];
}
