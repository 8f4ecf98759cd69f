/** Annotation of pods and jobs that were asked to stop: when, ISO 8601. The specs give the other marks at creation. */
export const STOPPED_AT_ANNOTATION = 'millrace/stopped-at';
