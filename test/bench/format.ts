import { loadavg } from 'node:os';

/** Figures as the tables of the benches show them. */

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

/** @param value ms */
export function seconds(value: number): string {
  return `${(value / 1000).toFixed(2)} s`;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1_073_741_824).toFixed(1)} GB`;
}

/** The machine's load over 1, 5 and 15 minutes. */
export function loadOf(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}
