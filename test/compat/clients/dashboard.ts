import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { eventually } from '../../support/workbench.js';
import { DashboardRecord, type Toast } from './dashboard-record.js';

/** ms; a machine with one busy processor takes its time to run three megabytes of JavaScript. */
const PATIENCE = 60_000;

/** How often a click is made that has no effect, and ms after which it is clear that it has none. */
const CLICKS = 3;
const CLICK_PATIENCE = 20_000;

/** As much of the DOM as is read here; what runs in the page is compiled with everything else, without its types. */
interface Element {
  readonly textContent: string | null;
  querySelectorAll(selector: string): ArrayLike<Element>;
}

/**
 * SCDF's dashboard in a real browser, with the words that it shows to people: pages have headings, cards and grids, rows have
 * menus, dialogs are confirmed.
 *
 * The browser gets the dashboard's own files from this process, and everything else of the same origin from the server, as
 * with SCDF, which serves both.
 */
export class Dashboard {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    readonly record: DashboardRecord,
    private readonly home: string,
  ) {}

  /**
   * @param files directory of the unpacked dashboard
   * @param server base URL of the server, without a path
   * @param executable the browser
   */
  static async start(files: string, server: string, executable: string): Promise<Dashboard> {
    const browser = await chromium.launch({ executablePath: executable, timeout: 2 * PATIENCE });
    try {
      const context = await browser.newContext({
        viewport: { width: 1400, height: 1000 },
        locale: 'en-US',
        timezoneId: 'UTC',
      });
      context.setDefaultTimeout(PATIENCE);
      const home = `${server}/dashboard/`;
      await context.route(`${home}**`, (route) => {
        const path = new URL(route.request().url()).pathname.slice('/dashboard/'.length);
        return route.fulfill({ path: join(files, path === '' ? 'index.html' : path) });
      });
      const page = await context.newPage();
      return new Dashboard(browser, page, await DashboardRecord.of(page, home), home);
    } catch (failure) {
      await browser.close();
      throw failure;
    }
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /**
   * Opens a page by its address, as a bookmark does.
   *
   * @param route what stands behind `#/`
   * @param heading text of the page's heading, which is waited for
   */
  async open(route: string, heading: string): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.home}#/${route}`);
    await this.heading(heading);
  }

  /** Waits for the page with a heading that contains the text. */
  async heading(text: string): Promise<void> {
    await this.page.locator('h1', { hasText: text }).waitFor();
  }

  /** Clicks the first visible button or link of exactly that label. */
  async click(label: string, within: Locator = this.page.locator('body')): Promise<void> {
    await within
      .locator('button:visible, a:visible')
      .filter({ hasText: whole(label) })
      .first()
      .click();
  }

  /**
   * Clicks a button until the page says that something was done. On a busy machine a click is lost that comes while the page
   * still unfolds the form.
   *
   * @param text of the message, as in {@link toast}
   */
  async clickFor(text: string | RegExp, label: string, within: Locator): Promise<string> {
    await this.click(label, within);
    for (let attempt = 1; attempt < CLICKS && (await this.unmet(text, CLICK_PATIENCE)) === undefined; attempt += 1) {
      // The page may have gone on after all.
      await this.click(label, within).catch(() => undefined);
    }
    return this.toast(text);
  }

  get dialog(): Locator {
    return this.page.locator('.modal-dialog');
  }

  /** Clicks a button of the open dialog, and waits until the dialog is gone. */
  async confirm(label: string): Promise<void> {
    await this.click(label, this.dialog);
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** Waits for a message at the edge of the page that has not been waited for yet, and answers its words. */
  async toast(text: string | RegExp): Promise<string> {
    const found = await this.unmet(text, PATIENCE);
    if (found === undefined) throw new Error(`no message ${text}, but: ${JSON.stringify(this.record.toasts)}`);
    found.met = true;
    return found.text;
  }

  /** The message that {@link toast} waits for; undefined if it has not come after `patience` ms. */
  private async unmet(text: string | RegExp, patience: number): Promise<Toast | undefined> {
    const look = async () => this.record.toasts.find((toast) => !toast.met && matches(toast.text, text));
    return eventually(look, (toast) => toast !== undefined, patience).catch(() => undefined);
  }

  /** The texts of the grid's cells, row by row, once they are as wanted. */
  rows(wanted: (rows: readonly string[][]) => boolean): Promise<string[][]> {
    const look = () =>
      this.page
        .locator('clr-dg-row')
        .evaluateAll((rows: readonly Element[]) =>
          rows.map((row) =>
            Array.from(row.querySelectorAll('clr-dg-cell'), (cell) =>
              (cell.textContent ?? '').replace(/\s+/g, ' ').trim(),
            ),
          ),
        );
    return eventually(look, wanted, PATIENCE);
  }

  /** The row that has a cell of exactly that text. */
  row(cell: string): Locator {
    return this.page
      .locator('clr-dg-row')
      .filter({ has: this.page.locator('clr-dg-cell').filter({ hasText: whole(cell) }) });
  }

  /** Chooses from the menu of a row. */
  async choose(cell: string, action: string): Promise<void> {
    await this.row(cell).locator('clr-dg-action-overflow button').first().click();
    await this.click(action, this.page.locator('.datagrid-action-overflow'));
  }

  /** Opens the filter of a column of the grid. */
  async filter(column: string): Promise<Locator> {
    const header = this.page.locator('clr-dg-column').filter({ hasText: column });
    await header.locator('.datagrid-filter-toggle:visible').click();
    return this.page.locator('.datagrid-filter');
  }

  /** The values of a card by their keys, once they are as wanted; a card that is not there has none. */
  card(
    title: string,
    wanted: (values: Readonly<Record<string, string>>) => boolean,
  ): Promise<Readonly<Record<string, string>>> {
    const look = async () => {
      const cards = this.page.locator(`app-view-card[titlemodal="${title}"]`);
      const pairs = await cards.evaluateAll((found: readonly Element[]) =>
        found.flatMap((card) => {
          const values = card.querySelectorAll('.row > .value, td.value');
          return Array.from(card.querySelectorAll('.row > .key, td.key'), (key, index) =>
            [key, values[index]].map((cell) => (cell?.textContent ?? '').replace(/\s+/g, ' ').trim()),
          );
        }),
      );
      return Object.fromEntries(pairs) as Readonly<Record<string, string>>;
    };
    return eventually(look, wanted, PATIENCE);
  }

  /** The cells of the table in a card, without its header, once there are any. */
  table(title: string): Promise<string[][]> {
    const look = () =>
      this.page
        .locator(`app-view-card[titlemodal="${title}"] tbody tr`)
        .evaluateAll((rows: readonly Element[]) =>
          rows.map((row) =>
            Array.from(row.querySelectorAll('td'), (cell) => (cell.textContent ?? '').replace(/\s+/g, ' ').trim()),
          ),
        );
    return eventually(look, (rows) => rows.length > 0, PATIENCE);
  }

  /** The number of the task execution whose page is open, or is about to be. */
  async execution(): Promise<number> {
    await this.heading('Task execution - Execution ID:');
    return Number(/task-executions\/(\d+)/.exec(this.page.url())?.[1]);
  }

  /** Types a definition into the editor of the page «Create a task», and waits until it has drawn as many nodes. */
  async typeDefinition(definition: string, nodes: number): Promise<void> {
    await this.open('tasks-jobs/tasks/create', 'Create a task');
    await this.page.locator('.CodeMirror').click();
    const parsed = this.page.waitForResponse(
      (answer) =>
        answer.url().endsWith('/tools/parseTaskTextToGraph') &&
        (answer.request().postData() ?? '').includes(definition.trim()),
    );
    await Promise.all([parsed, this.page.keyboard.type(definition)]);
    await this.drawn(nodes);
  }

  /** Answers the dialog «Create task», and waits for the list of tasks. */
  async nameTask(name: string, description = ''): Promise<void> {
    await this.dialog.locator('[name=name]').fill(name);
    await this.dialog.locator('[name=desc]').fill(description);
    await this.confirm('Create the task');
    await this.toast(`Task Definition created for ${name}`);
    await this.heading('Tasks');
  }

  /** Waits until the graph has as many elements, the start and the end among them. */
  async drawn(nodes: number): Promise<void> {
    const elements = this.page.locator('flo-editor-paper .joint-element, .paper .joint-element');
    await eventually(
      () => elements.count(),
      (count) => count === nodes,
      PATIENCE,
    );
  }
}

function whole(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '\\s+')}\\s*$`, 'i');
}

function matches(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}

/** A time of the server as the dashboard writes it. */
export function shownTime(time: string | null): string {
  return (time ?? 'N/A')
    .replace('T', ' ')
    .replace('.', ',')
    .replace(/Z$|\+0000$/, '[+0]');
}
