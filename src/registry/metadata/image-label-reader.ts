/** Reads the labels of container images from the registries that hold them. */
export interface ImageLabelReader {
  /**
   * @param image as in a `docker:` uri, without its scheme: `[host/]repository[:tag][@digest]`
   * @returns undefined when the registry has no such image
   * @throws when the registry cannot be asked; the message says why and holds no secret
   */
  labels(image: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** Injection token of the {@link ImageLabelReader}. */
export const IMAGE_LABEL_READER = Symbol('ImageLabelReader');
