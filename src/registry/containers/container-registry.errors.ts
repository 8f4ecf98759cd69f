/** A registry refuses, fails, or says what makes no sense; or an image name is none. The message holds no secret. */
export class ContainerRegistryError extends Error {
  override readonly name = 'ContainerRegistryError';
}
