import { bindTexts } from './tree-binder.js';
import { buildPropertyTree } from './property-tree.js';
import { readProperties } from './sources/properties-file.js';
import { readYaml } from './sources/yaml-file.js';

/**
 * Reads a file of properties for tasks (`spring.cloud.dataflow.application-properties.task-resource`) by the same rules as the
 * server's own files. Placeholders stay as they are: they are for the tasks.
 * @param name the file's name; `.properties` is read as such, anything else as YAML
 * @returns full names, as written, with their values; of several documents the last one that names a property counts
 * @throws SyntaxProblem with the line
 */
export function readPropertyFile(content: string, name: string): Readonly<Record<string, string>> {
  const documents = name.endsWith('.properties') ? readProperties(content, name) : readYaml(content, name);
  const sources = documents.map((entries) => ({ description: name, entries })).reverse();
  return bindTexts(buildPropertyTree(sources), (entry) => entry.value);
}
