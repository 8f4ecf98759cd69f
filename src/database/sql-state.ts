/** The SQLSTATE of PostgreSQL's error; what other errors have for a code, or undefined. */
export function sqlStateOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null | undefined)?.code;
}
