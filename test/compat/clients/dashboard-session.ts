import type { describe } from '@jest/globals';
import { join } from 'node:path';
import { chromiumHere } from '../../support/chromium.js';
import { describeWhere } from '../../support/describe-where.js';
import { mavenHere } from '../../support/maven.js';
import type { ServerClient } from '../../support/server-client.js';
import { CompatServer } from '../compat-server.js';
import { JARS } from '../generations.js';
import { buildApplications } from '../session.js';
import { replayTarget } from '../target.js';
import { buildClients } from './build.js';
import { Dashboard } from './dashboard.js';
import type { DashboardCall } from './dashboard-record.js';

/** What `troubles` answers where there were none. */
export const NO_TROUBLES = { refused: [], complaints: [], exceptions: [], unseen: [] };

const browser = await chromiumHere();

/** `describe` where Maven can fetch the dashboard and a browser can show it; elsewhere the suite is skipped, and says why. */
export async function describeWithDashboard(): Promise<typeof describe | typeof describe.skip> {
  return describeWhere("SCDF's dashboard", await mavenHere(), browser);
}

/** A server without data, and the dashboard that is connected to it. */
export class DashboardSession {
  private constructor(
    private readonly server: CompatServer,
    readonly dashboard: Dashboard,
    /** URIs of the sample applications; this dashboard knows no schema targets, so they are of Boot 2. */
    readonly apps: { readonly stamp: string; readonly items: string },
  ) {}

  get client(): ServerClient {
    return this.server.client;
  }

  /** A directory that goes with the session. */
  get data(): string {
    return this.server.data;
  }

  /** Fetches the dashboard, builds the applications, starts server and browser; half an hour on a machine that has nothing. */
  static async open(): Promise<DashboardSession> {
    if (!browser.available) throw new Error(`no browser, because ${browser.reason}`);
    const { dashboard: files } = await buildClients();
    const applications = await buildApplications();
    const at = (path: string) => `file://${join(applications, path)}`;
    const server = await CompatServer.start(replayTarget());
    try {
      const dashboard = await Dashboard.start(files, server.baseUrl, browser.executable);
      return new DashboardSession(server, dashboard, { stamp: at(JARS.stamp), items: at(JARS.items) });
    } catch (failure) {
      await server.close();
      throw failure;
    }
  }

  async close(): Promise<void> {
    await this.dashboard.close();
    await this.server.close();
  }

  /**
   * All that went wrong in the dashboard: calls that were refused, messages of failures and exceptions; and which of the
   * refusals that are meant did not come.
   *
   * @param meant refusals that the dashboard asks for, as `404 GET /…`
   */
  troubles(...meant: readonly RegExp[]): unknown {
    const { calls, complaints, exceptions } = this.dashboard.record;
    const refused = calls.filter(({ status }) => status >= 400);
    const fits = (pattern: RegExp, { method, target, status }: DashboardCall) =>
      pattern.test(`${status} ${method} ${target}`);
    return {
      refused: refused.filter((call) => !meant.some((pattern) => fits(pattern, call))),
      complaints,
      exceptions,
      unseen: meant.filter((pattern) => !refused.some((call) => fits(pattern, call))),
    };
  }
}
