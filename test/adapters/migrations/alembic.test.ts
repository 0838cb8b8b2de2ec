import { describe, expect, test } from 'vitest'
import { brief, firstLine, readRevision, revision, upgraded } from './revisions.ts'

/** A body of `upgrade()`, and what it comes to. */
const cases: Record<string, [body: string, operations: string[]]> = {
  'a new table, and what is done to it afterwards': [
    `op.create_table("visits", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("g", app.types.GUID()))
op.create_index(op.f("ix_visits"), "visits", ["id"])
op.execute("INSERT INTO visits VALUES (1)")`,
    [
      'create_table visits',
      'create_index visits ix_visits, new_table, not concurrently',
      'insert_rows visits, new_table',
    ],
  ],
  'a table in a schema': [
    `op.create_table("visits", schema="clinic")
op.drop_column("visits", "a", schema="clinic")
op.drop_column("visits", "a")`,
    [
      'create_table clinic.visits',
      'drop_column clinic.visits a, new_table',
      'drop_column visits a',
    ],
  ],
  'a table that may be there already is not new': [
    'op.create_table("v", if_not_exists=True)\nop.drop_column("v", "a")',
    ['create_table v', 'drop_column v a'],
  ],
  'tables that go and change their names': [
    'op.drop_table("old")\nop.rename_table("a", "b")',
    ['drop_table old', 'rename_table a b'],
  ],
  'a column that accepts NULL': [
    'op.add_column("v", sa.Column("a", sa.String(9)))',
    ['add_column v a, default none, nullable'],
  ],
  'a column that wants a value and has none': [
    'op.add_column("v", sa.Column("a", sa.Text, nullable=False, default="only in Python"))',
    ['add_column v a, default none, not nullable'],
  ],
  'a column with a default that is written down': [
    `op.add_column("v", sa.Column("a", sa.Text, nullable=False, server_default="x"))
op.add_column("v", sa.Column("b", sa.DateTime(), nullable=False, server_default=sa.func.now()))
op.add_column("v", sa.Column("c", sa.Boolean(), nullable=False, server_default=sa.text("false")))`,
    ['a', 'b', 'c'].map((name) => `add_column v ${name}, default constant, not nullable`),
  ],
  'a column whose default is worked out row by row': [
    `op.add_column("v", sa.Column("a", sa.UUID(), server_default=sa.text("gen_random_uuid()")))
op.add_column("v", sa.Column("b", sa.Integer(), sa.Identity(), nullable=False))`,
    [
      'add_column v a, default computed, nullable',
      'add_column v b, default computed, not nullable',
    ],
  ],
  'a column with an index, a key to another table and a rule': [
    `op.add_column("v", sa.Column("a", sa.Integer(), sa.ForeignKey("w.id"), index=True))
op.add_column("v", sa.Column("b", sa.Integer(), unique=True))`,
    [
      'add_column v a, default none, nullable',
      'add_constraint v, constraint foreign_key, not_valid',
      'create_index v, not concurrently',
      'add_column v b, default none, nullable',
      'add_constraint v, constraint unique, not concurrently',
    ],
  ],
  'a column that nobody can read': [
    'op.add_column("v", column_of())',
    ['unknown, it calls column_of, which is not in this file', 'add_column v'],
  ],
  'everything about a column at once': [
    `op.alter_column("v", "a", existing_type=sa.String(50), type_=sa.String(length=20), nullable=False,
                new_column_name="b", server_default=None, existing_nullable=True)`,
    [
      'set_not_null v a',
      'drop_default v a, nullable',
      'alter_type v a, narrowed, rewrites',
      'rename_column v a',
    ],
  ],
  'types with more room, and types nobody can compare': [
    `op.alter_column("v", "a", existing_type=sa.Integer(), type_=sa.BigInteger())
op.alter_column("v", "b", existing_type=sa.String(20), type_=sa.Text())
op.alter_column("v", "c", type_=sa.Integer())
op.alter_column("v", "d", existing_type=postgresql.JSON(), type_=postgresql.JSONB())`,
    [
      'alter_type v a, not narrowed, rewrites',
      'alter_type v b, not narrowed, not rewrites',
      'alter_type v c',
      'alter_type v d',
    ],
  ],
  'a comment is no change': [
    'op.alter_column("v", "a", comment="x", existing_nullable=False)',
    ['harmless v a'],
  ],
  'arguments that are put together': [
    'op.alter_column("v", "a", **changes)',
    ['unknown, what it changes is put together when it runs'],
  ],
  indexes: [
    `op.create_index("i", "v", ["a"], unique=True, postgresql_concurrently=True)
op.drop_index("i", table_name="v")
op.drop_index("j", "v", postgresql_concurrently=True)`,
    [
      'create_index v i, concurrently, constraint unique',
      'drop_index v i, not concurrently',
      'drop_index v j, concurrently',
    ],
  ],
  constraints: [
    `op.create_primary_key("p", "v", ["id"])
op.create_unique_constraint("u", "v", ["a"])
op.create_check_constraint("c", "v", "a > 0", postgresql_not_valid=True)
op.create_foreign_key("f", "v", "w", ["a"], ["id"])
op.create_exclude_constraint("e", "v", ("a", "&&"))
op.drop_constraint("f", "v", type_="foreignkey")
op.drop_constraint(op.f("x"), "v")`,
    [
      'add_constraint v p, constraint primary_key, not concurrently',
      'add_constraint v u, constraint unique, not concurrently',
      'add_constraint v c, constraint check, not_valid',
      'add_constraint v f, constraint foreign_key, not not_valid',
      'add_constraint v e, constraint exclude',
      'drop_constraint v f, constraint foreign_key',
      'drop_constraint v x',
    ],
  ],
  'a batch knows its table': [
    `with op.batch_alter_table("v", schema="s") as batch_op:
    batch_op.add_column(sa.Column("a", sa.Integer()))
    batch_op.drop_column("b")
    batch_op.alter_column("c", nullable=True)
    batch_op.create_index("i", ["a"])
    batch_op.create_foreign_key("f", "w", ["a"], ["id"])
    batch_op.drop_constraint("u", type_="unique")`,
    [
      'add_column s.v a, default none, nullable',
      'drop_column s.v b',
      'drop_not_null s.v c',
      'create_index s.v i, not concurrently',
      'add_constraint s.v f, constraint foreign_key, not not_valid',
      'drop_constraint s.v u, constraint unique',
    ],
  ],
  'SQL in one piece, in pieces, and in a name': [
    `op.execute("DELETE FROM a")
op.execute("TRUN" "CATE " + "b")
op.execute(STATEMENT)
op.execute("DROP TABLE {}".format("c"))
op.execute("DROP TABLE %s" % "d")`,
    [
      'delete_rows a, not has_where',
      'truncate b, not cascade',
      'drop_table g, not cascade',
      'drop_table c, not cascade',
      'drop_table d, not cascade',
    ],
  ],
  'SQL through a connection, with values apart': [
    `conn = op.get_bind()
conn.execute(sa.text("UPDATE v SET a = :new WHERE b = :old AND t > '12:30'::time"), {"new": 1, "old": 2})
conn.exec_driver_sql("DELETE FROM v WHERE a = %s", (1,))
conn.execute(sa.text("SELECT 1")).fetchall()`,
    ['update_rows v a, has_where, not new_column', 'delete_rows v, has_where', 'harmless'],
  ],
  'a column that was just added is filled': [
    'op.add_column("v", sa.Column("a", sa.Text))\nop.execute("UPDATE v SET a = \'x\'")',
    ['add_column v a, default none, nullable', 'update_rows v a, new_column, not has_where'],
  ],
  'statements that are built': [
    `v = sa.table("v", sa.column("a"))
op.bulk_insert(v, [{"a": 1}])
op.execute(v.update().where(v.c.a == 1).values(a=2))
op.execute(sa.delete(v))
op.execute(v.delete())
op.get_bind().execute(sa.select(v))`,
    [
      'insert_rows v',
      'update_rows v, has_where, not new_column',
      'delete_rows v, not has_where',
      'delete_rows v, not has_where',
    ],
  ],
  'a session': [
    `session = sa.orm.Session(bind=op.get_bind())
session.query(Visit).filter(Visit.id > 3).delete()
session.add(Visit)
session.commit()`,
    ['delete_rows, has_where', 'insert_rows'],
  ],
  enumerations: [
    `state = postgresql.ENUM("a", "b", name="state")
state.create(op.get_bind(), checkfirst=True)
sa.Enum(name="old").drop(op.get_bind())
with op.get_context().autocommit_block():
    op.execute("ALTER TYPE state ADD VALUE 'c'")`,
    [
      'create_type state, object type',
      'drop_type old, object type',
      'add_enum_value c, object state',
    ],
  ],
  'helpers of the same file are followed': [
    'for table in TABLES:\n    drop(table)\ndrop(column="z", table="other")',
    ['drop_column one x', 'drop_column two x', 'drop_column other z'],
  ],
  'pairs in a list': [
    'for table, column in [("a", "b"), ("c", "d")]:\n    op.execute(f"ALTER TABLE {table} DROP {column}")',
    ['drop_column a b, not cascade', 'drop_column c d, not cascade'],
  ],
  'code from elsewhere': [
    'fill(op.get_bind())\nVisit()\nVisit.__table__.drop(op.get_bind())',
    [
      'unknown, it calls app.models.fill, which is not in this file',
      'unknown, it calls app.models.Visit, which is not in this file',
      'unknown, it calls app.models.Visit.__table__.drop, which is not in this file',
    ],
  ],
  'a loop over what is read': [
    `for row in op.get_bind().execute(sa.text("SELECT name FROM t")):
    op.drop_column(row.name, "x")`,
    [
      'harmless',
      'drop_column x',
      'unknown, how often it happens, and to what, is decided when it runs',
    ],
  ],
  'a list that was added to': [
    'TABLES.append(fill)\nfor table in TABLES:\n    op.drop_table(table)',
    ['drop_table', 'unknown, how often it happens, and to what, is decided when it runs'],
  ],
  'a question to the database': [
    `if not sa.inspect(op.get_bind()).has_table("v"):
    op.create_table("v")
    op.create_index("i", "v", ["a"])
op.drop_column("v", "a")`,
    [
      'create_table v',
      'create_index v i, new_table, not concurrently',
      'unknown, whether it happens is decided when it runs',
      'drop_column v a',
    ],
  ],
  'the kind of database leaves two answers, and both are listed': [
    `if op.get_bind().dialect.name == "postgresql":
    op.drop_table("a")
else:
    op.drop_table("b")`,
    ['drop_table a', 'drop_table b'],
  ],
  'what is tried, and what is done instead': [
    `try:
    op.drop_table("a")
except Exception:
    op.drop_table("b")
finally:
    op.drop_table("c")`,
    [
      'drop_table a',
      'drop_table b',
      'unknown, whether it happens is decided when it runs',
      'drop_table c',
    ],
  ],
  'text that is put together': [
    `op.execute(f"DROP TABLE {context.get_x_argument()}")
op.execute("DROP TABLE {}".format(name))
op.execute(open("x.sql").read())`,
    [
      'unknown, its text is put together when it runs',
      'unknown, its text is put together when it runs',
      'unknown, it calls open, which is not in this file',
      'unknown, it may lead to the database',
      'unknown, it comes from code that is not in this file',
    ],
  ],
  'text that is set under a condition': [
    'sql = "SELECT 1"\nif context.is_offline_mode():\n    sql = "DROP TABLE a"\nop.execute(sql)',
    ['unknown, sql is set under a condition'],
  ],
  'a connection that is handed on': [
    'handed = {"to": op.get_bind()}\nfill.later(handed)\nmap(fill, [op])',
    [
      'unknown, it calls app.models.fill.later, which is not in this file',
      'unknown, builtins.map is handed what leads to the database',
    ],
  ],
  'other ways to the operations': [
    'getattr(op, "drop_table")("a")\nop.run_async(fill)\nexec("op.drop_table(1)")',
    [
      'unknown, it calls getattr, which is not in this file',
      expect.stringMatching(/^unknown, what getattr.* calls is decided when it runs$/),
      'unknown, gonogo does not know what op.run_async does',
      'unknown, it calls exec, which is not in this file',
    ],
  ],
  'objects that may be saved later': [
    'for visit in sa.orm.Session(op.get_bind()).query(Visit):\n    visit.name = "x"',
    ['unknown, it sets an attribute of an object, which may be saved'],
  ],
  nothing: ['pass', []],
  'what comes after the end': ['op.drop_table("a")\nreturn\nop.drop_table("b")', ['drop_table a']],
}

const before = `
TABLES = ["one", "two"]
STATEMENT = """
DROP TABLE g
"""


def drop(table, column="x"):
    op.drop_column(table, column)
`

describe('upgrade()', () => {
  test.each(Object.entries(cases))('%s', async (_name, [body, operations]) => {
    expect((await upgraded(body, before)).map(brief)).toEqual(operations)
  })

  test('says where each thing stands, and in which words', async () => {
    const body = `op.drop_table(  # a comment
    "a",
)
op.execute("""
    DELETE FROM b;

    DROP TABLE c;
""")
op.execute(
    "DROP TABLE d;\\n"
    "DROP TABLE e\\n"
)`
    const found = (await upgraded(body)).map(({ line, statement }) => [line - firstLine, statement])
    expect(found).toEqual([
      [0, 'op.drop_table( # a comment "a", )'],
      [4, 'DELETE FROM b'],
      [6, 'DROP TABLE c'],
      [9, 'DROP TABLE d'],
      [10, 'DROP TABLE e'],
    ])
  })

  test('values that are handed in keep their names in what is shown', async () => {
    const [found] = await upgraded(`op.execute("DELETE FROM a WHERE b = :value")`)
    expect(found).toMatchObject({
      kind: 'delete_rows',
      statement: 'DELETE FROM a WHERE b = :value',
    })
  })
})

async function names(text: string) {
  const { revision: own, parents, operations } = await readRevision(text)
  return { own, parents, operations: operations.map(brief) }
}

describe('what a revision says of itself', () => {
  test.each([
    ['revision = "b"\ndown_revision = None', 'b', []],
    ['revision: str = "b"\ndown_revision: Union[str, None] = "a"', 'b', ['a']],
    ["revision = 'b'\ndown_revision = ('a1', 'a2')", 'b', ['a1', 'a2']],
    ['revision = "b"\ndown_revision = ["a1"]\ndepends_on = "z"', 'b', ['a1']],
  ])('%j', async (head, own, parents) => {
    const text = `${head}\nbranch_labels = None\ndef upgrade():\n    pass\n`
    expect(await names(text)).toEqual({ own, parents, operations: [] })
  })

  test('a revision that is made up when it runs is unknown, and called like its file', async () => {
    const text =
      'import uuid\nrevision = str(uuid.uuid4())\ndown_revision = f()\ndef upgrade(): pass\n'
    expect(await names(text)).toEqual({
      own: 'b2',
      parents: [],
      operations: [
        'unknown, its revision is not written down as text',
        'unknown, its down_revision is not written down as text',
      ],
    })
  })

  test('without upgrade(), or with one from elsewhere, nobody knows what it does', async () => {
    const head = 'revision = "b"\ndown_revision = None\n'
    expect(await names(head)).toMatchObject({ operations: ['unknown, it has no upgrade()'] })
    const imported = `${head}from .shared import upgrade\n`
    const operations = ['unknown, its upgrade() cannot be followed']
    expect(await names(imported)).toMatchObject({ operations })
  })

  test('the way down is never part of it', async () => {
    expect((await readRevision(revision('pass'))).operations).toEqual([])
  })

  test('what it does while it is loaded is, because Alembic is connected by then', async () => {
    const { operations } = await readRevision(revision('pass', '', 'op.drop_table("x")'))
    expect(operations.map(brief)).toEqual(['drop_table x'])
    expect((await readRevision(revision('pass', 'name = fill()'))).operations).toEqual([])
  })

  const hides = `class H:
    drop = op.drop_table
    @staticmethod
    def wipe():
        op.drop_table("x")
bound = sa.MetaData(bind="x")
t = sa.table("t")`

  test.each([
    ['H.wipe()', /belongs to a class/],
    ['H.drop("x")', /is not in this file/],
    ['bound.drop_all()', /which tables/],
    ['t.run(bind=op.get_bind())', /handed what leads to the database/],
    ['op.get_context().impl.execute("DROP TABLE x")', /leads to the database: execute/],
    ['op.execute(sa.select(sa.func.wipe_all()))', /calls wipe_all/],
    [
      'op.execute(sa.select(t.delete().returning(sa.column("a")).cte()))',
      /changes rows on the way/,
    ],
    ['op.execute(sa.select(sa.delete(t).cte()))', /changes rows on the way/],
  ])('nobody can tell what %s does', async (body, why) => {
    expect((await upgraded(body, hides)).map(brief).join('\n')).toMatch(why)
  })

  test('what is read on the way is no matter', async () => {
    const body = 'op.execute(sa.select(sa.func.count()))\nop.get_context().opts.get("x")'
    expect(await upgraded(body)).toEqual([])
  })

  test('USING may lose what the types alone do not', async () => {
    const types = 'existing_type=sa.String(9), type_=sa.Text()'
    const plain = await upgraded(`op.alter_column("v", "a", ${types})`)
    expect(plain[0]!.facts).toEqual({ narrowed: false, rewrites: false })
    const using = await upgraded(
      `op.alter_column("v", "a", ${types}, postgresql_using="left(a, 1)")`,
    )
    expect(using[0]!.facts).toEqual({ rewrites: true })
  })

  test('what may have failed to be made is not new', async () => {
    const body =
      'try:\n    op.create_table("v")\nexcept Exception:\n    pass\nop.drop_column("v", "a")'
    expect((await upgraded(body)).map(brief)).toContain('drop_column v a')
  })
})
