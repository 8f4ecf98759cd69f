import { CHAPTERS } from './known-properties.js';
import type { PropertyDefinition } from './property.js';
import { environmentVariableName, parsePropertyName } from './property-names.js';

/** The documentation of every property as Markdown, one table a chapter: name, type, default, environment variable, meaning. */
export function describeConfiguration(): string {
  return CHAPTERS.map(({ title, properties }) => {
    const head = '| Property | Type | Default | Environment variable | Meaning |\n| --- | --- | --- | --- | --- |';
    return `### ${title}\n\n${head}\n${properties.map(describeProperty).join('\n')}\n`;
  }).join('\n');
}

function describeProperty(definition: PropertyDefinition): string {
  const { name, meaning } = definition;
  const variable = environmentVariableName(parsePropertyName(name));
  if (definition.kind === 'group') {
    const type = definition.shape.form === 'tree' ? 'settings' : 'map of texts';
    return row([`\`${name}.*\``, type, '', `\`${variable}_…\``, meaning]);
  }
  const aliases = definition.aliases.map((alias) => `\`${alias}\``).join(', ');
  const alternatives = aliases === '' ? '' : ` Also read as ${aliases}.`;
  const standard = definition.default === undefined || definition.default === '' ? '' : `\`${definition.default}\``;
  return row([`\`${name}\``, definition.type.label, standard, `\`${variable}\``, meaning + alternatives]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
}
