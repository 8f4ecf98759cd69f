/** The SQLSTATE of PostgreSQL's error; what other errors have for a code, or undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
