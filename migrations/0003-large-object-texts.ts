import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * SCDF keeps URIs of applications and the text of definitions in large objects; its columns hold the object's number as
 * text. Two views show the text itself and take changes like tables, so that SCDF and this server read each other's rows.
 *
 * A text whose large object is gone (after `vacuumlo`, or a restore without large objects) reads as null;
 * `millrace_lost_text` lists such rows. An update of other columns leaves their number alone.
 */
export class LargeObjectTexts implements MigrationInterface {
  readonly name = 'LargeObjectTexts0000000000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [READ, STORE, FORGET, ...VIEWS, ...APP_REGISTRATION, ...TASK_DEFINITION]) {
      await runner.query(statement);
    }
    // Reads every text once: a user who may not see SCDF's large objects is told now, not at the first list.
    await runner.query('select count(uri), count(metadata_uri) from millrace_app_registration where uri is not null');
    await runner.query('select count(definition) from millrace_task_definition where definition is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop view millrace_lost_text, millrace_app_registration, millrace_task_definition');
    await runner.query('drop function millrace_write_app_registration, millrace_write_task_definition');
    await runner.query('drop function millrace_text, millrace_store_text, millrace_forget_text');
  }
}

const READ = `
create function millrace_text(value text) returns text language plpgsql stable as $$
begin
  -- A URI or a definition is never all digits, so digits are an object's number.
  if value is null or value !~ '^[0-9]{1,10}$' or value::bigint > 4294967295 then
    return value;
  end if;
  if not exists (select from pg_catalog.pg_largeobject_metadata where oid = value::oid) then
    return null;
  end if;
  return pg_catalog.convert_from(pg_catalog.lo_get(value::oid), 'UTF8');
end $$`;

const STORE = `
create function millrace_store_text(value text) returns text language sql volatile strict as $$
  select pg_catalog.lo_from_bytea(0, pg_catalog.convert_to(value, 'UTF8'))::text
$$`;

const FORGET = `
create function millrace_forget_text(stored text) returns void language plpgsql as $$
begin
  if stored ~ '^[0-9]{1,10}$' and stored::bigint <= 4294967295
     and exists (select from pg_catalog.pg_largeobject_metadata where oid = stored::oid) then
    perform pg_catalog.lo_unlink(stored::oid);
  end if;
exception when insufficient_privilege then
  -- Another database user's object: it stays behind, as all replaced ones do when SCDF itself changes a row.
  null;
end $$`;

const VIEWS = [
  `create view millrace_app_registration as
   select id, object_version, default_version, millrace_text(metadata_uri) as metadata_uri, name, type,
          millrace_text(uri) as uri, version, boot_version
     from app_registration`,
  `create view millrace_task_definition as
   select definition_name, millrace_text(definition) as definition, description from task_definitions`,
  `create view millrace_lost_text as
   select 'app_registration' as table_name, id::text as row_key, 'uri' as column_name, uri as large_object
     from app_registration where uri is not null and millrace_text(uri) is null
   union all
   select 'app_registration', id::text, 'metadata_uri', metadata_uri
     from app_registration where metadata_uri is not null and millrace_text(metadata_uri) is null
   union all
   select 'task_definitions', definition_name, 'definition', definition
     from task_definitions where definition is not null and millrace_text(definition) is null`,
];

/** Lets changes of a view go to a function of the same name. */
function writeTrigger(name: string): string {
  return `create trigger millrace_write instead of insert or update or delete on millrace_${name}
   for each row execute function millrace_write_${name}()`;
}

/*
 * A statement on a view is not checked again after it waited for another one, as a statement on a table is. So the stored
 * row is locked and read first, columns that the statement does not change keep what is stored by then, and a statement
 * that counts the version up (optimistic locking) does nothing if somebody else did so in between.
 */
const APP_REGISTRATION = [
  `create function millrace_write_app_registration() returns trigger language plpgsql as $$
declare
  stored app_registration%rowtype;
begin
  if tg_op = 'INSERT' then
    new.id := coalesce(new.id, nextval('hibernate_sequence'));
    new.object_version := coalesce(new.object_version, 0);
    insert into app_registration
        (id, object_version, default_version, metadata_uri, name, type, uri, version, boot_version)
      values (new.id, new.object_version, new.default_version, millrace_store_text(new.metadata_uri), new.name,
              new.type, millrace_store_text(new.uri), new.version, new.boot_version);
    return new;
  end if;
  select * into stored from app_registration where id = old.id for update;
  if not found then
    return null;
  end if;
  if tg_op = 'DELETE' then
    delete from app_registration where id = old.id;
    perform millrace_forget_text(stored.uri), millrace_forget_text(stored.metadata_uri);
    return old;
  end if;
  if new.object_version is distinct from old.object_version then
    if stored.object_version is distinct from old.object_version then
      return null;
    end if;
    stored.object_version := new.object_version;
  end if;
  if new.uri is distinct from old.uri then
    perform millrace_forget_text(stored.uri);
    stored.uri := millrace_store_text(new.uri);
  end if;
  if new.metadata_uri is distinct from old.metadata_uri then
    perform millrace_forget_text(stored.metadata_uri);
    stored.metadata_uri := millrace_store_text(new.metadata_uri);
  end if;
  update app_registration
     set object_version = stored.object_version,
         uri = stored.uri,
         metadata_uri = stored.metadata_uri,
         default_version = case when new.default_version is distinct from old.default_version
                                then new.default_version else stored.default_version end,
         name = case when new.name is distinct from old.name then new.name else stored.name end,
         type = case when new.type is distinct from old.type then new.type else stored.type end,
         version = case when new.version is distinct from old.version then new.version else stored.version end,
         boot_version = case when new.boot_version is distinct from old.boot_version
                             then new.boot_version else stored.boot_version end
   where id = old.id;
  return new;
end $$`,
  writeTrigger('app_registration'),
];

const TASK_DEFINITION = [
  `create function millrace_write_task_definition() returns trigger language plpgsql as $$
declare
  stored task_definitions%rowtype;
begin
  if tg_op = 'INSERT' then
    insert into task_definitions (definition_name, definition, description)
      values (new.definition_name, millrace_store_text(new.definition), new.description);
    return new;
  end if;
  select * into stored from task_definitions where definition_name = old.definition_name for update;
  if not found then
    return null;
  end if;
  if tg_op = 'DELETE' then
    delete from task_definitions where definition_name = old.definition_name;
    perform millrace_forget_text(stored.definition);
    return old;
  end if;
  if new.definition is distinct from old.definition then
    perform millrace_forget_text(stored.definition);
    stored.definition := millrace_store_text(new.definition);
  end if;
  update task_definitions
     set definition_name = new.definition_name,
         definition = stored.definition,
         description = case when new.description is distinct from old.description
                            then new.description else stored.description end
   where definition_name = old.definition_name;
  return new;
end $$`,
  writeTrigger('task_definition'),
];
