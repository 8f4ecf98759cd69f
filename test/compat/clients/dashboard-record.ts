import type { ConsoleMessage, Page, Response } from 'playwright-core';

/** A call of the dashboard and how it was answered. */
export interface DashboardCall {
  readonly method: string;
  /** Path and query, decoded. */
  readonly target: string;
  readonly status: number;
  /** Of refusals. */
  readonly body?: string;
}

/** A message that the dashboard showed at the edge of the page for a moment. */
export interface Toast {
  text: string;
  /** Whether a test has waited for it. */
  met: boolean;
}

/** The job page reads its task execution before that has arrived, whatever the server; the next drawing is right. */
const OWN_MISTAKE = /^ERROR TypeError: Cannot read properties of undefined \(reading 'taskExecutionStatus'\)/;

/** Reports each message with a number, again when its words change: Angular fills in elements after it has added them. */
const REPORT_TOASTS = `
  const seen = new Map();
  new MutationObserver(() => {
    for (const element of document.querySelectorAll('app-toast')) {
      const text = element.textContent.replace(/\\s+/g, ' ').trim();
      const before = seen.get(element);
      if (text === '' || before?.text === text) continue;
      const number = before?.number ?? Math.random();
      seen.set(element, { text, number });
      reportToast(number, text);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;

/** What the dashboard called, showed for a moment and got wrong, from its start to its end. */
export class DashboardRecord {
  readonly calls: DashboardCall[] = [];
  /** Exceptions that nothing in the dashboard handled. */
  readonly exceptions: string[] = [];
  private readonly reported = new Map<number, Toast>();

  private constructor(private readonly files: string) {}

  /** @param files URL under which the dashboard's own files lie; they are no calls */
  static async of(page: Page, files: string): Promise<DashboardRecord> {
    const record = new DashboardRecord(files);
    await page.exposeFunction('reportToast', (number: number, text: string) => record.showed(number, text));
    await page.addInitScript(REPORT_TOASTS);
    page.on('response', (response) => void record.answered(response));
    page.on('pageerror', (failure) => record.exceptions.push(String(failure)));
    page.on('console', (message) => record.said(message));
    return record;
  }

  get toasts(): readonly Toast[] {
    return [...this.reported.values()];
  }

  /** Messages of failures that no test has expected. */
  get complaints(): readonly string[] {
    return this.toasts.filter(({ met, text }) => !met && /error|invalid|fail|^no /i.test(text)).map(({ text }) => text);
  }

  private showed(number: number, text: string): void {
    this.reported.set(number, { met: this.reported.get(number)?.met ?? false, text });
  }

  private async answered(response: Response): Promise<void> {
    if (response.url().startsWith(this.files)) return;
    const { pathname, search } = new URL(response.url());
    const status = response.status();
    const call = { method: response.request().method(), target: decodeURIComponent(`${pathname}${search}`), status };
    // The browser forgets the body of a page that it has left.
    this.calls.push(status < 400 ? call : { ...call, body: await response.text().catch(() => '') });
  }

  private said(message: ConsoleMessage): void {
    const text = message.text();
    if (message.type() === 'error' && text.startsWith('ERROR') && !OWN_MISTAKE.test(text)) this.exceptions.push(text);
  }
}
