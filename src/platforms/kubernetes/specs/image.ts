import { InvalidLaunchRequestError } from '../../platform.js';

/**
 * The image reference in a `docker:` uri: everything after the scheme and any slashes, unchanged.
 * @throws InvalidLaunchRequestError for any other scheme, and for a reference that no registry could have
 */
export function imageOf(resourceUri: string): string {
  const image = /^docker:\/*(.*)$/i.exec(resourceUri)?.[1];
  if (image === undefined) {
    throw new InvalidLaunchRequestError(
      `The application is registered as '${withoutCredentials(resourceUri)}', which Kubernetes cannot run. ` +
        'Register a container image, docker:<image>, or launch it on a Local account.',
    );
  }
  if (image === '' || /[\s\p{Cc}]/u.test(image)) {
    throw new InvalidLaunchRequestError(
      `The application is registered as '${resourceUri}', which names no image. It must be docker:<image>[:<tag>].`,
    );
  }
  return image;
}

function withoutCredentials(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//').slice(0, 200);
}
