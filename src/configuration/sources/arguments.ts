import { parsePropertyName } from '../property-names.js';
import type { PropertySource } from '../property-source.js';

/** Reads `--key=value` and `--key` (empty value); an option given several times has its values joined by commas (Spring). */
export function argumentsSource(args: readonly string[]): { source: PropertySource; warnings: string[] } {
  const values = new Map<string, string[]>();
  const warnings: string[] = [];
  for (const argument of args) {
    const option = /^--([^=]+)(?:=([^]*))?$/.exec(argument);
    const name = option?.[1];
    if (name === undefined) {
      warnings.push(`argument «${nameOnly(argument)}» is ignored: settings are given as --name=value`);
      continue;
    }
    values.set(name, [...(values.get(name) ?? []), option?.[2] ?? '']);
  }
  const entries = [...values].map(([name, texts]) => ({
    name: parsePropertyName(name),
    value: texts.join(','),
    origin: `argument --${name}`,
  }));
  return { source: { description: 'arguments', entries }, warnings };
}

/** What stands before the equals sign: what follows may be a secret. */
function nameOnly(argument: string): string {
  const equals = argument.indexOf('=');
  return equals < 0 ? argument : `${argument.slice(0, equals)}=…`;
}
