import type { AppMetadata } from './app-metadata.js';
import { allProperties, optionGroupsOf, portNames } from './configuration-metadata.js';

/** The label whose value is a whole `spring-configuration-metadata.json`. */
export const METADATA_LABEL = 'org.springframework.cloud.dataflow.spring-configuration-metadata.json';

/**
 * What an image says about its app in its labels. There is no visible and exhaustive here: every property in the label is
 * one that the builder of the image chose to show.
 *
 * Never throws; a label that cannot be read counts as absent.
 */
export function metadataFromLabels(labels: Readonly<Record<string, string>>): AppMetadata {
  const entries = new Map(Object.entries(labels));
  return {
    options: allProperties(entries.get(METADATA_LABEL) ?? ''),
    ...portNames([entries]),
    optionGroups: optionGroupsOf(entries),
  };
}
