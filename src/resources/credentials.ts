/**
 * A URI, or a text with URIs in it, with user and password taken out of each, for messages. In image names the character `@`
 * comes before a digest.
 */
export function withoutCredentials(text: string): string {
  return text.replace(/\b(?!docker:)([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi, '$1');
}
