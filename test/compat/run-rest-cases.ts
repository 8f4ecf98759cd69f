import { readFileSync } from 'node:fs';

/** A call of the REST API that was recorded with SCDF 2.11.5 on executions that run; see `about` in the file. */
export interface RunRestCase {
  readonly id: string;
  readonly kind: string;
  readonly setup?: string;
  readonly request: { readonly method: string; readonly path: string };
  readonly status: number;
  /** Null for an empty body. */
  readonly body: unknown;
  /** What SCDF asked the API server, each once. */
  readonly apiCalls: readonly { readonly method: string; readonly path: string; readonly status: number }[];
}

/** In the order in which they were recorded: those on one task build on each other. */
export function readRunRestCases(): readonly RunRestCase[] {
  const file = new URL('./kubernetes-cases.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: RunRestCase[] };
  return cases.filter(({ id, kind }) => kind === 'rest' && id.startsWith('runRest-'));
}
