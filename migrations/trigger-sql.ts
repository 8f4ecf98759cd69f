/*
 * Pieces of the SQL of several migrations. A released migration never changes its effect: what is changed here must leave
 * every statement as it is, byte for byte.
 */

/** The rights of the owner and a search path of ours, whatever the application's user and session have. */
export const pinned = (schema: string): string =>
  `language plpgsql security definer set search_path = ${schema}, pg_temp`;

/** Whoever drops our tables and forgets the triggers must not stop the applications. */
export const unlessDropped = (table: string): string => `if to_regclass('${table}') is null then return null; end if;`;

/**
 * Triggers that call a function once for each statement: after an insert with its rows as `added`, after a delete with its
 * rows as `removed`, after a truncate.
 * @param name what the names of the triggers begin with
 */
export function statementTriggers(name: string, table: string, call: string): readonly string[] {
  return [
    `create trigger ${name}_insert after insert on ${table}
       referencing new table as added for each statement execute function ${call}()`,
    `create trigger ${name}_delete after delete on ${table}
       referencing old table as removed for each statement execute function ${call}()`,
    `create trigger ${name}_truncate after truncate on ${table} for each statement execute function ${call}()`,
  ];
}
