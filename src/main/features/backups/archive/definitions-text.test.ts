import { describe, expect, it } from 'vitest'
import { withoutSchemaName } from './definitions-text.ts'

const free = (dump: string, schema = 'tenant_acme') => withoutSchemaName(dump, { schema, extensions: 'extensions' })
const PREFIX = 'SET LOCAL check_function_bodies TO off;\n\n'

describe('definitions from pg_dump', () => {
  it('lose the schema, its creation, the settings of the session and commands for psql', () => {
    const dump = `\\restrict abc
--
-- PostgreSQL database dump
--
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE SCHEMA tenant_acme;
SET default_tablespace = '';
-- Name: t; Type: TABLE; Schema: tenant_acme
CREATE TABLE tenant_acme.t (
    email extensions.citext NOT NULL,
    n integer DEFAULT nextval('tenant_acme.numbers'::regclass)
);
COMMENT ON SCHEMA tenant_acme IS 'x';
\\unrestrict abc
`
    expect(free(dump)).toBe(
      `${PREFIX}CREATE TABLE t (\n    email citext NOT NULL,\n    n integer DEFAULT nextval('numbers'::regclass)\n);\n`,
    )
  })

  it('keep texts, names and bodies as they are', () => {
    const kept = [
      `CREATE TABLE "a;b -- ""c" (x text DEFAULT 'it''s; /* no */ comment')`,
      `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$ select '$$;'; -- inside\n select 1; $_$`,
      `CREATE FUNCTION g() RETURNS integer LANGUAGE sql BEGIN ATOMIC\n SELECT CASE WHEN true THEN 1 END;\n SELECT 2;\nEND`,
      `ALTER TABLE ONLY t ADD CONSTRAINT c CHECK ((x <> E'\\\\;'))`,
    ]
    expect(free(`${kept.join(';\n\n')};\n`)).toBe(`${PREFIX}${kept.join(';\n\n')};\n`)
  })

  it('lose a schema whose name needs quotes, and no other that begins alike', () => {
    expect(free('CREATE VIEW "My ""own""".v AS SELECT 1;', 'My "own"')).toBe(`${PREFIX}CREATE VIEW v AS SELECT 1;\n`)
    expect(free('CREATE VIEW tenant_acme.v AS SELECT 1 FROM tenant_acme_2.t;')).toBe(
      `${PREFIX}CREATE VIEW v AS SELECT 1 FROM tenant_acme_2.t;\n`,
    )
  })

  it.each([
    `CREATE FUNCTION tenant_acme.f() RETURNS bigint LANGUAGE sql AS $$ select count(*) from tenant_acme.users $$;`,
    `CREATE TABLE tenant_acme.t (place text DEFAULT 'tenant_acme');`,
    `CREATE FUNCTION tenant_acme.f() RETURNS void LANGUAGE sql SET search_path TO 'tenant_acme' AS $$ select 1 $$;`,
  ])('are refused where the name means something: %s', dump => {
    expect(() => free(dump)).toThrow(
      expect.objectContaining({ code: 'CONFLICT', details: expect.objectContaining({ reason: 'schema-named' }) }),
    )
  })

  it('lose a comment that names the schema rather than be refused', () => {
    expect(
      free(`COMMENT ON TABLE tenant_acme.t IS 'of tenant_acme';\nCOMMENT ON TABLE tenant_acme.u IS 'plain';`),
    ).toBe(`${PREFIX}COMMENT ON TABLE u IS 'plain';\n`)
  })
})
