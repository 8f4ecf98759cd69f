/** A HAL link (draft-kelly-json-hal, section 5); `templated` is absent when false, as Spring writes it. */
export interface Link {
  readonly href: string;
  readonly templated?: true;
}

/** Relation to link. */
export type Links = Readonly<Record<string, Link>>;

/** A link to one place. */
export function link(href: string): Link {
  return { href };
}

/** A link with an RFC 6570 template in it. */
export function templatedLink(href: string): Link {
  return { href, templated: true };
}

/** Writes one path segment; a name is shown as it is wherever RFC 3986 allows it. */
export function segment(text: string | number): string {
  return encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%40', '@').replaceAll('%24', '$');
}
