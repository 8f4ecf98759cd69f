import { Agent, request } from 'node:http';
import { readdir, readFile } from 'node:fs/promises';

/** How long requests of one kind took, ms. */
export interface Timing {
  readonly status: number;
  readonly median: number;
  /** 95 of 100 were not slower. */
  readonly percentile95: number;
  readonly requests: number;
}

/** How often and how long a request is repeated. */
export interface Effort {
  readonly warmUp: number;
  readonly requests: number;
  /** ms after which no further request is made, three are made at least; one that takes longer is made once. */
  readonly budget: number;
}

/** Makes the same request again and again over one kept-alive connection, one at a time. */
export async function time(baseUrl: string, target: string, effort: Effort): Promise<Timing> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const begin = performance.now();
    const spent = () => performance.now() - begin;
    let status = 0;
    for (let index = 0; index < effort.warmUp && spent() < effort.budget / 2; index += 1) {
      status = (await ask(agent, baseUrl, target)).status;
    }
    if (status !== 200 || spent() > effort.budget) {
      return { status, median: spent(), percentile95: spent(), requests: 1 };
    }
    const times: number[] = [];
    while (times.length < 3 || (times.length < effort.requests && spent() < effort.budget)) {
      times.push((await ask(agent, baseUrl, target)).duration);
    }
    return { status, median: quantile(times, 0.5), percentile95: quantile(times, 0.95), requests: times.length };
  } finally {
    agent.destroy();
  }
}

/** How long an answer is waited for, ms. */
const PATIENCE = 60_000;

/** One request, its whole answer read; status 0 if none came within {@link PATIENCE}. */
export function ask(
  agent: Agent,
  baseUrl: string,
  target: string,
  body?: string,
): Promise<{ status: number; duration: number; text: string }> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const form = {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': Buffer.byteLength(body ?? ''),
    };
    const fail = (error: Error) => {
      if (error.name === 'TimeoutError' || error.name === 'AbortError')
        resolve({ status: 0, duration: PATIENCE, text: '' });
      else reject(error);
    };
    const sent = request(
      {
        agent,
        hostname,
        port,
        path: target,
        method: body === undefined ? 'GET' : 'POST',
        headers: { Accept: 'application/json', ...(body === undefined ? {} : form) },
        signal: AbortSignal.timeout(PATIENCE),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', fail);
        answer.on('end', () => {
          const duration = performance.now() - begin;
          resolve({ status: answer.statusCode ?? 0, duration, text: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    sent.on('error', fail);
    sent.end(body);
  });
}

/** The value below which a share of all values lies; the middle of the two nearest for an even number. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(position)] ?? NaN, sorted[Math.ceil(position)] ?? NaN];
  return low + (high - low) * (position - Math.floor(position));
}

/** What one process uses, its children left out: resident memory, bytes, and processor time so far, s; from Linux' `/proc`. */
export async function usageOf(pid: number): Promise<{ residentBytes: number; cpuSeconds: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // proc(5): fields 14 and 15, counted after the command name, which may hold blanks; a tick is 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    residentBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
  };
}

/**
 * Memory of a process and its children with shared pages divided among their users, bytes, from Linux' `smaps_rollup`: what
 * a PostgreSQL with many processes on one shared memory holds. Undefined where it cannot be read.
 */
export async function proportionalBytes(pid: number): Promise<number | undefined> {
  let bytes = 0;
  try {
    for (const candidate of [pid, ...(await childrenOf(pid))]) {
      const text = await readFile(`/proc/${candidate}/smaps_rollup`, 'utf8').catch(() => '');
      bytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
    }
  } catch {
    return undefined;
  }
  return bytes === 0 ? undefined : bytes;
}

async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === pid) children.push(Number(name));
  }
  return children;
}
