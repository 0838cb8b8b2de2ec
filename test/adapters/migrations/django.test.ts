import { describe, expect, test } from 'vitest'
import { brief, djangoFile, readApp } from './revisions.ts'

const initial = djangoFile(`
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("title", models.CharField(max_length=50)),
                ("note", models.TextField(null=True, blank=True)),
                ("count", models.IntegerField()),
                ("owner", models.ForeignKey(on_delete=1, to=settings.AUTH_USER_MODEL)),
                ("odd", models.CharField(max_length=9, db_column="strange")),
                ("shape", thirdparty.ShapeField(size=3)),
                ("tags", models.ManyToManyField(to="clinic.tag")),
            ],
        ),
        migrations.CreateModel("Old", [("a", models.TextField())], {"db_table": "legacy"}),
        migrations.CreateModel("View", [("a", models.TextField())], {"managed": False}),
`)

/** What a second migration of the app comes to. */
async function then(operations: string, before = '') {
  const next = djangoFile(operations, '0001_initial', before)
  const app = await readApp({ '0001_initial': initial, '0002_next': next })
  return app.get('clinic.0002_next')!.operations.map(brief)
}

const cases: Record<string, [operations: string, found: string[]]> = {
  'a new model and what joins it to another': [
    `migrations.CreateModel("Room", [("tags", models.ManyToManyField("clinic.tag")), ("a", models.TextField())]),
     migrations.AddIndex("room", models.Index(fields=["a"], name="i")),`,
    [
      'create_table clinic_room',
      'create_table clinic_room_tags',
      'create_index clinic_room i, new_table, not concurrently',
    ],
  ],
  'models that go and change their names': [
    `migrations.DeleteModel("Visit"), migrations.DeleteModel("Old"),
     migrations.RenameModel("Tag", "Label"), migrations.AlterModelTable("label", "labels")`,
    [
      'drop_table clinic_visit_tags',
      'drop_table clinic_visit',
      'drop_table legacy',
      'rename_table clinic_tag clinic_label',
      'rename_table clinic_label labels',
    ],
  ],
  'a model takes the tables that join it along': [
    'migrations.RenameModel("Visit", "Stay")',
    ['rename_table clinic_visit clinic_stay', 'rename_table clinic_visit_tags clinic_stay_tags'],
  ],
  'a model with a table of its own name, or of somebody else': [
    `migrations.RenameModel("Old", "Older"), migrations.RemoveField("older", "a"),
     migrations.RemoveField("view", "a"), migrations.DeleteModel("View")`,
    ['harmless', 'drop_column legacy a', 'harmless', 'harmless'],
  ],
  'a field that accepts NULL': [
    'migrations.AddField("visit", "a", models.TextField(null=True))',
    ['add_column clinic_visit a, default none, nullable'],
  ],
  'Django takes the default out of the database again, so that the old release cannot insert': [
    'migrations.AddField(model_name="visit", name="a", field=models.TextField(default="x"), preserve_default=False)',
    [
      'add_column clinic_visit a, default constant, not nullable',
      'drop_default clinic_visit a, not nullable',
    ],
  ],
  'a default that stays': [
    `migrations.AddField("visit", "a", models.TextField(db_default="x")),
     migrations.AddField("visit", "b", models.DateTimeField(db_default=models.functions.Now())),
     migrations.AddField("visit", "c", models.UUIDField(db_default=RandomUUID()))`,
    [
      'add_column clinic_visit a, default constant, not nullable',
      'add_column clinic_visit b, default constant, not nullable',
      'add_column clinic_visit c, default computed, not nullable',
    ],
  ],
  'a field that wants a value and has none': [
    'migrations.AddField("visit", "a", models.IntegerField())',
    ['add_column clinic_visit a, default none, not nullable'],
  ],
  'a relation brings a key and an index': [
    `migrations.AddField("visit", "room", models.ForeignKey("clinic.room", on_delete=1, null=True)),
     migrations.AddField("visit", "labels", models.ManyToManyField("clinic.label")),
     migrations.RemoveField("visit", "tags"), migrations.RemoveField("visit", "owner")`,
    [
      'add_column clinic_visit room_id, default none, nullable',
      'add_constraint clinic_visit, constraint foreign_key, not_valid',
      'create_index clinic_visit, not concurrently',
      'create_table clinic_visit_labels',
      'drop_table clinic_visit_tags',
      'drop_column clinic_visit owner_id',
    ],
  ],
  'less room': [
    'migrations.AlterField("visit", "title", models.CharField(max_length=20))',
    ['alter_type clinic_visit title, narrowed, rewrites'],
  ],
  'more room': [
    `migrations.AlterField("visit", "count", models.BigIntegerField()),
     migrations.AlterField("visit", "title", models.TextField())`,
    [
      'alter_type clinic_visit count, not narrowed, rewrites',
      'alter_type clinic_visit title, not narrowed, not rewrites',
    ],
  ],
  'what only Django sees': [
    `migrations.AlterField("visit", "title", models.CharField(max_length=50, help_text="x", choices=[("a", "b")], default="y")),
     migrations.AlterModelOptions("visit", {"ordering": ["id"]}),
     migrations.AlterField("visit", "shape", thirdparty.ShapeField(size=3, verbose_name="x"))`,
    ['harmless', 'harmless', 'harmless'],
  ],
  'a type from elsewhere that changes': [
    'migrations.AlterField("visit", "shape", thirdparty.ShapeField(size=2))',
    ['alter_type clinic_visit shape'],
  ],
  'NULL no more, and NULL again': [
    `migrations.AlterField("visit", "note", models.TextField()),
     migrations.AlterField("visit", "count", models.IntegerField(null=True)),
     migrations.AlterField("visit", "count", models.IntegerField(default=0))`,
    [
      'set_not_null clinic_visit note',
      'drop_not_null clinic_visit count',
      'update_rows clinic_visit count, has_where',
      'set_not_null clinic_visit count',
    ],
  ],
  'rules and indexes of a field': [
    `migrations.AlterField("visit", "title", models.CharField(max_length=50, unique=True)),
     migrations.AlterField("visit", "count", models.PositiveIntegerField(db_index=True))`,
    [
      'add_constraint clinic_visit, constraint unique, not concurrently',
      'create_index clinic_visit, not concurrently',
      'add_constraint clinic_visit, constraint check, not not_valid',
    ],
  ],
  'a field of which nothing is known': [
    'migrations.AlterField("visit", "who", models.TextField())',
    ['unknown, what the field was before cannot be told from the migrations'],
  ],
  'fields that change their names': [
    `migrations.RenameField("visit", "title", "name"), migrations.RenameField("visit", "owner", "doctor"),
     migrations.RenameField("visit", "odd", "even"), migrations.AlterField("visit", "name", models.CharField(max_length=50))`,
    [
      'rename_column clinic_visit title',
      'rename_column clinic_visit owner_id',
      'harmless',
      'harmless',
    ],
  ],
  'indexes and constraints': [
    `pg.AddIndexConcurrently("visit", models.Index(fields=["a"], name="i")),
     migrations.RemoveIndex("visit", "j"),
     migrations.AddConstraint("visit", models.CheckConstraint(check=models.Q(a__gt=1), name="c")),
     pg.AddConstraintNotValid("visit", models.CheckConstraint(check=models.Q(a__gt=1), name="d")),
     pg.ValidateConstraint("visit", "d"),
     migrations.AddConstraint("visit", models.UniqueConstraint(fields=["a"], name="u")),
     migrations.AddConstraint("visit", models.UniqueConstraint(fields=["a"], condition=models.Q(a=1), name="v")),
     migrations.RemoveConstraint("visit", "u"),
     migrations.AlterUniqueTogether("visit", {("a", "b")}),
     migrations.AlterUniqueTogether("visit", set())`,
    [
      'create_index clinic_visit i, concurrently',
      'drop_index clinic_visit j, not concurrently',
      'add_constraint clinic_visit c, constraint check, not not_valid',
      'add_constraint clinic_visit d, constraint check, not_valid',
      'validate_constraint clinic_visit d',
      'add_constraint clinic_visit u, constraint unique, not concurrently',
      'create_index clinic_visit v, constraint unique, not concurrently',
      'drop_constraint clinic_visit u',
      'add_constraint clinic_visit, constraint unique, not concurrently',
      'drop_constraint clinic_visit, constraint unique',
    ],
  ],
  'SQL, and only its way up': [
    `migrations.RunSQL("DROP TABLE a; TRUNCATE b", "DROP TABLE never"),
     migrations.RunSQL(["DELETE FROM c", ("DELETE FROM d WHERE e = %s", ["x"])], state_operations=[migrations.DeleteModel("Visit")]),
     migrations.RunSQL(migrations.RunSQL.noop, "DROP TABLE never"),
     migrations.RunSQL(sql())`,
    [
      'drop_table a, not cascade',
      'truncate b, not cascade',
      'delete_rows c, not has_where',
      'delete_rows d, has_where',
      'harmless',
      'unknown, its SQL is not written down as text',
    ],
  ],
  'Python is not followed': [
    'migrations.RunPython(forwards), migrations.RunPython(migrations.RunPython.noop, forwards)',
    ['unknown, it runs Python code, which is not followed', 'harmless'],
  ],
  'only what the database sees counts': [
    `migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL("DROP TABLE a")],
        state_operations=[migrations.RenameField("visit", "title", "name"), migrations.DeleteModel("Old")],
     ), migrations.AlterField("visit", "name", models.CharField(max_length=9))`,
    ['drop_table a, not cascade', 'alter_type clinic_visit name, narrowed, rewrites'],
  ],
  'operations from elsewhere': [
    'pgtrigger.AddTrigger("visit"), MyOperation(), *more()',
    [
      'unknown, gonogo does not know what builtins.pgtrigger.AddTrigger does',
      'unknown, gonogo does not know what builtins.MyOperation does',
      'unknown, one of its operations is put together when it runs',
    ],
  ],
}

describe('operations', () => {
  test.each(Object.entries(cases))('%s', async (_name, [operations, found]) => {
    expect(await then(operations)).toEqual(found)
  })

  test('a list that is put together from what is written is read, any other is unknown', async () => {
    const text = djangoFile('', '0001_initial', 'PARTS = [migrations.RunSQL("DROP TABLE a")]')
    const read = async (change: (text: string) => string) => {
      const app = await readApp({ '0001_initial': initial, '0002_next': change(text) })
      return app.get('clinic.0002_next')!.operations.map(brief)
    }
    expect(await read((all) => `${all}    operations += PARTS\n`)).toEqual([
      'drop_table a, not cascade',
    ])
    expect(await read((all) => `${all}    operations.append(more)\n`)).toEqual([
      'unknown, operations is put together when it runs',
    ])
    expect(await read((all) => `${all}    operations = [make(x) for x in things()]\n`)).toEqual([
      'unknown, it is computed when it runs',
    ])
  })
})

async function parents(files: Record<string, string>) {
  return Object.fromEntries([...(await readApp(files))].map(([name, one]) => [name, one.parents]))
}

describe('the order of an app', () => {
  test('follows the dependencies within the app', async () => {
    const files = {
      '0001_initial': initial,
      '0003_late': djangoFile('', '0002_next'),
      '0002_next': djangoFile('', '0001_initial'),
      '0002_other': djangoFile('', '0001_initial'),
      '0004_merge': djangoFile('', '0003_late'),
    }
    expect(await parents(files)).toEqual({
      'clinic.0001_initial': [],
      'clinic.0002_next': ['clinic.0001_initial'],
      'clinic.0002_other': ['clinic.0001_initial'],
      'clinic.0003_late': ['clinic.0002_next'],
      'clinic.0004_merge': ['clinic.0003_late'],
    })
  })

  test('a squashed migration beside what it replaces does nothing, and comes between', async () => {
    const squashed = djangoFile('migrations.DeleteModel("Visit")').replace(
      'dependencies',
      'replaces = [("clinic", "0001_initial"), ("clinic", "0002_next")]\n    dependencies',
    )
    const files = {
      '0001_initial': initial,
      '0001_squashed': squashed,
      '0002_next': djangoFile('', '0001_initial'),
      '0003_last': djangoFile('', '0002_next'),
    }
    expect(await parents(files)).toEqual({
      'clinic.0001_initial': [],
      'clinic.0002_next': ['clinic.0001_initial'],
      'clinic.0001_squashed': ['clinic.0002_next'],
      'clinic.0003_last': ['clinic.0001_squashed'],
    })
    expect((await readApp(files)).get('clinic.0001_squashed')!.operations).toEqual([])

    const alone = await readApp({ '0001_squashed': squashed })
    expect(alone.get('clinic.0001_squashed')!.operations.map(brief)).toEqual([
      'drop_table clinic_visit',
    ])
  })

  test('an app goes by the label its migrations use, whatever its directory is called', async () => {
    const files = {
      '0001_initial': initial,
      '0002_next': djangoFile('migrations.DeleteModel("Room")', '0001_initial').replaceAll(
        '"clinic"',
        '"surgery"',
      ),
    }
    const next = (await readApp(files)).get('surgery.0002_next')!
    expect(next.operations.map(brief)).toEqual(['drop_table surgery_room'])
  })

  test('what has no class, or a circle, is still there', async () => {
    const files = {
      '0001_a': djangoFile('', '0002_b'),
      '0002_b': djangoFile('', '0001_a'),
      '0003_c': 'x = 1\n',
    }
    const app = await readApp(files)
    expect([...app.keys()].toSorted()).toEqual(['clinic.0001_a', 'clinic.0002_b', 'clinic.0003_c'])
    expect(app.get('clinic.0003_c')!.operations.map(brief)).toEqual([
      'unknown, it has no class Migration',
    ])
  })
})

describe('a class that is more than its list', () => {
  const nothing = djangoFile('', '0001_initial')
  const wiping = 'migrations.DeleteModel("Visit")'
  test.each([
    [
      'a base from elsewhere',
      nothing.replace('(migrations.Migration)', '(base.Migration)'),
      /inherits/,
    ],
    [
      'another base beside it',
      nothing.replace('(migrations.Migration)', '(migrations.Migration, Mixin)'),
      /inherits/,
    ],
    [
      'code of its own',
      `${nothing}\n    def apply(self, state, editor, **kw):\n        pass\n`,
      /code of its own/,
    ],
    [
      'a longer list afterwards',
      `${nothing}\nMigration.operations.append(${wiping})\n`,
      /is changed after/,
    ],
    [
      'another list afterwards',
      `${nothing}\nMigration.operations = [${wiping}]\n`,
      /is changed after/,
    ],
    [
      'an attribute set by name',
      `${nothing}\nsetattr(Migration, "operations", [${wiping}])\n`,
      /is changed after/,
    ],
  ])('%s', async (_name, text, why) => {
    const app = await readApp({ '0001_initial': initial, '0002_next': text })
    expect(app.get('clinic.0002_next')!.operations.map(brief).join()).toMatch(why)
  })

  test('nothing of it is no matter', async () => {
    const app = await readApp({ '0001_initial': initial, '0002_next': nothing })
    expect(app.get('clinic.0002_next')!.operations).toEqual([])
  })
})

describe('what looks like something harmless', () => {
  const own = 'import shop.fields\nfrom shop.ops import noop\n'
  test.each([
    ['migrations.RunPython(noop)', 'unknown, it runs Python code, which is not followed'],
    [
      'migrations.AlterField("Visit", "tags", models.ManyToManyField(to="clinic.other"))',
      'unknown, what becomes of the field cannot be told',
    ],
    [
      'migrations.AlterField("Visit", "tags", models.ManyToManyField(to="clinic.tag", db_table="t"))',
      'unknown, what becomes of the field cannot be told',
    ],
    [
      'migrations.AlterField("Visit", "title", shop.fields.CharField(max_length=50))',
      'alter_type clinic_visit title',
    ],
    [
      'migrations.AlterField("Visit", "title", models.CharField(max_length=50, db_collation="C"))',
      'alter_type clinic_visit title',
    ],
  ])('%s', async (operation, found) => {
    expect(await then(operation, own)).toEqual([found])
  })

  test('a model that is no longer unmanaged is dropped with its rows', async () => {
    expect(await then('migrations.DeleteModel("View")')).toEqual(['harmless'])
    const options =
      'migrations.AlterModelOptions("View", {"ordering": ["a"]}), migrations.DeleteModel("View")'
    expect(await then(options)).toEqual(['harmless', 'drop_table clinic_view'])
  })

  test('an app whose first migration builds on the first one of another is not that app', async () => {
    const first = djangoFile('').replace(
      /dependencies = \[[^\]]*\]/,
      'dependencies = [("other", "0001_initial")]',
    )
    const app = await readApp({ '0001_initial': first })
    expect([...app.values()].map((one) => [one.revision, one.parents])).toEqual([
      ['clinic.0001_initial', []],
    ])
  })
})
