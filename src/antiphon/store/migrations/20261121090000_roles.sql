-- The schema, the roles that Supabase has and others may lack, and who is asking.

create schema if not exists app;

do $$
declare
  name text;
begin
  foreach name in array array['anon', 'authenticated', 'service_role'] loop
    begin
      if not exists (select from pg_roles where rolname = name) then
        execute format('create role %I nologin noinherit', name);
      end if;
    exception when duplicate_object or unique_violation then
      null;  -- roles belong to the whole server; another database of it was faster
    end;
  end loop;
  -- Requests on behalf of a person are made with `set local role authenticated`.
  if not pg_has_role(current_user, 'authenticated', 'member') then
    execute format('grant authenticated to %I', current_user);
  end if;
end $$;

grant usage on schema app to authenticated, service_role;
alter default privileges in schema app grant all on tables to service_role;
alter default privileges in schema app grant all on sequences to service_role;

-- The claims of the token behind this transaction, as PostgREST sets them too; an empty object without one.
create or replace function app.jwt() returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;

-- Text, because the identifiers of most identity providers are no UUIDs.
create or replace function app.uid() returns text
language sql stable set search_path = '' as $$
  select app.jwt() ->> 'sub'
$$;

create or replace function app.tenant() returns text
language sql stable set search_path = '' as $$
  select coalesce(app.jwt() -> 'app_metadata' ->> 'tenant', app.jwt() ->> 'tenant')
$$;

-- caller, supervisor or admin. `role` itself names the database's role in such tokens.
create or replace function app.standing() returns text
language sql stable set search_path = '' as $$
  select coalesce(app.jwt() -> 'app_metadata' ->> 'standing', app.jwt() ->> 'standing', 'caller')
$$;

create or replace function app.is_staff() returns boolean
language sql stable set search_path = '' as $$
  select app.standing() in ('supervisor', 'admin')
$$;

create or replace function app.is_admin() returns boolean
language sql stable set search_path = '' as $$
  select app.standing() = 'admin'
$$;
