import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

/** ms without a word from the shell after which it is ended. */
const ANSWER_TIMEOUT = 50_000;

const PROMPT = /(spring|server-unknown:)> ?$/;

/** SCDF's shell, driven like a person does it: a line in, what it prints until the next prompt out. */
export class Shell {
  private output = '';
  private awaken: () => void = () => undefined;

  private constructor(private readonly jvm: ChildProcessWithoutNullStreams) {
    for (const stream of [jvm.stdout, jvm.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.awaken();
      });
    }
    jvm.once('close', () => this.awaken());
  }

  /**
   * Starts the shell, which connects to the server.
   *
   * @param workingDirectory where it leaves its history and log
   * @throws Error with what it printed, if it ends before its first prompt
   */
  static async start(
    jar: string,
    server: string,
    workingDirectory: string,
  ): Promise<{ shell: Shell; greeting: string }> {
    const words = ['-Xmx256m', '-Djline.terminal=jline.UnsupportedTerminal', '-jar', jar, `--dataflow.uri=${server}`];
    const shell = new Shell(spawn('java', words, { cwd: workingDirectory }));
    try {
      return { shell, greeting: await shell.untilPrompt() };
    } catch (failure) {
      await shell.close();
      throw failure;
    }
  }

  /**
   * Runs one command.
   *
   * @returns what the shell printed, without the prompt
   */
  async run(command: string): Promise<string> {
    this.jvm.stdin.write(`${command}\n`);
    return this.untilPrompt();
  }

  /**
   * The cells of the table that a command prints, row by row, the header first. Cells that the shell broke into lines come
   * whole; the first column must not be one of them, and not empty.
   */
  async table(command: string): Promise<string[][]> {
    const [top = '', body = ''] = (await this.run(command)).split('╠');
    const header = cellsOf(top).reduce(joined);
    const rows: string[][] = [];
    for (const cells of cellsOf(body)) {
      const above = rows.at(-1);
      if (cells[0] === '' && above !== undefined) {
        rows[rows.length - 1] = joined(above, cells);
      } else {
        rows.push(cells);
      }
    }
    return [header, ...rows];
  }

  async close(): Promise<void> {
    if (this.jvm.exitCode === null && this.jvm.signalCode === null) {
      const closed = once(this.jvm, 'close');
      this.jvm.stdin.end('exit\n');
      await closed;
    }
  }

  private async untilPrompt(): Promise<string> {
    while (!PROMPT.test(this.output)) {
      if (this.jvm.exitCode !== null || this.jvm.signalCode !== null) {
        throw new Error(`the shell ended:\n${this.output.slice(-4_000)}`);
      }
      const deadline = setTimeout(() => this.jvm.kill('SIGKILL'), ANSWER_TIMEOUT);
      await new Promise<void>((resolve) => (this.awaken = resolve));
      clearTimeout(deadline);
    }
    const printed = this.output.replace(PROMPT, '');
    this.output = '';
    return printed;
  }
}

/** The cells of each line of a table. */
function cellsOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.replace('\r', ''))
    .filter((line) => line.startsWith('║'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('│')
        .map((cell) => cell.trim()),
    );
}

function joined(above: readonly string[], below: readonly string[]): string[] {
  return above.map((cell, column) => `${cell} ${below[column] ?? ''}`.trim());
}
