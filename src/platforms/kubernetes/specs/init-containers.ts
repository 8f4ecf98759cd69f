/** SCDF's way of writing init containers, read as containers of the Kubernetes API. Pure. */
import type { V1Container } from '@kubernetes/client-node';
import type { SettingsTree } from '../../../configuration/configuration.js';
import { readObject } from './kubernetes-objects.js';
import { environmentVariables } from './pairs.js';
import { UnacceptableValue } from './values.js';

/** SCDF's names: the rest of the fields are those of the API, which SCDF ignores. */
interface WrittenInitContainer extends Partial<V1Container> {
  containerName?: string;
  imageName?: string;
  commands?: string[];
  environmentVariables?: string[];
}

/**
 * Reads `{containerName, imageName, commands, args, volumeMounts, environmentVariables}`; every field of a Kubernetes
 * container may stand beside these.
 * @throws UnacceptableValue also when name or image is missing
 */
export function readInitContainer(tree: SettingsTree): V1Container {
  const {
    containerName,
    imageName,
    commands,
    environmentVariables: variables,
    ...rest
  } = readObject<WrittenInitContainer>('InitContainer', tree);
  const name = containerName ?? rest.name;
  const image = imageName ?? rest.image;
  const command = commands ?? rest.command;
  if (name === undefined || name === '') throw new UnacceptableValue('an init container with a containerName');
  if (image === undefined || image === '') throw new UnacceptableValue('an init container with an imageName');
  const plain = Object.entries(environmentVariables(variables ?? [])).map(([key, value]) => ({ name: key, value }));
  const env = [...plain, ...(rest.env ?? [])];
  return {
    ...rest,
    name,
    image,
    ...(command === undefined || command.length === 0 ? {} : { command }),
    ...(env.length === 0 ? {} : { env }),
  };
}
