import { describe, expect, it } from 'vitest'
import { codeOnlyRollback, findingsOf, judge, worstOf } from '../../src/core/migration-judge.ts'
import {
  operationKinds,
  type MigrationOperation,
  type OperationFacts,
  type OperationKind,
} from '../../src/core/migration.ts'

function operation(kind: OperationKind, facts: OperationFacts = {}): MigrationOperation {
  return { kind, line: 3, statement: 'as written', table: 'visits', name: 'note', facts }
}

type Row = [
  OperationKind,
  OperationFacts,
  verdict: string,
  breaks: boolean | null,
  effect: RegExp | null,
]

const rows: Row[] = [
  ['create_table', {}, 'safe', false, null],
  ['drop_table', {}, 'destructive', true, /every row of visits is lost/],
  ['rename_table', {}, 'needs_review', true, /ACCESS EXCLUSIVE on visits .*reads and writes wait/],
  ['add_column', { nullable: true, default: 'none' }, 'safe', false, null],
  ['add_column', { nullable: false, default: 'constant' }, 'safe', false, null],
  [
    'add_column',
    { nullable: false, default: 'none' },
    'needs_review',
    true,
    /fails where visits has rows/,
  ],
  [
    'add_column',
    { nullable: true, default: 'computed' },
    'needs_review',
    false,
    /every row is written anew/,
  ],
  ['add_column', {}, 'unknown', null, /not written plainly/],
  ['drop_column', {}, 'destructive', true, /every value of visits.note is lost/],
  ['rename_column', {}, 'needs_review', true, /ACCESS EXCLUSIVE/],
  [
    'alter_type',
    { narrowed: true, rewrites: true },
    'destructive',
    true,
    /cut, rounded or refused/,
  ],
  ['alter_type', { narrowed: false, rewrites: true }, 'needs_review', false, /written anew/],
  ['alter_type', { narrowed: false, rewrites: false }, 'safe', false, null],
  ['alter_type', {}, 'unknown', null, /cannot be told; may take ACCESS EXCLUSIVE/],
  ['set_not_null', {}, 'needs_review', true, /ACCESS EXCLUSIVE on visits while every row is read/],
  ['drop_not_null', {}, 'safe', null, null],
  ['set_default', {}, 'safe', false, null],
  ['drop_default', { nullable: true }, 'safe', null, null],
  ['drop_default', { nullable: true, new_column: true }, 'safe', false, null],
  ['drop_default', { nullable: false }, 'needs_review', true, /gets no value any more/],
  ['drop_default', {}, 'needs_review', null, /gets no value any more/],
  [
    'add_constraint',
    { constraint: 'check' },
    'needs_review',
    null,
    /ACCESS EXCLUSIVE .*every row is checked/,
  ],
  [
    'add_constraint',
    { constraint: 'foreign_key' },
    'needs_review',
    null,
    /SHARE ROW EXCLUSIVE .*writes wait, reads go on/,
  ],
  [
    'add_constraint',
    { constraint: 'foreign_key', not_valid: true },
    'safe',
    null,
    /SHARE ROW EXCLUSIVE/,
  ],
  ['add_constraint', { constraint: 'unique' }, 'needs_review', null, /while its index is built/],
  [
    'add_constraint',
    { constraint: 'unique', concurrently: true },
    'needs_review',
    null,
    /until the transaction ends/,
  ],
  ['drop_constraint', { constraint: 'check' }, 'needs_review', false, /ACCESS EXCLUSIVE/],
  ['drop_constraint', {}, 'needs_review', null, /ACCESS EXCLUSIVE/],
  ['validate_constraint', {}, 'safe', false, null],
  ['create_index', {}, 'needs_review', false, /SHARE on visits .*writes wait, reads go on/],
  ['create_index', { concurrently: true }, 'safe', false, null],
  ['create_index', { concurrently: true, constraint: 'unique' }, 'needs_review', null, /twice/],
  ['drop_index', {}, 'needs_review', null, /ACCESS EXCLUSIVE/],
  ['create_type', {}, 'safe', false, null],
  ['add_enum_value', {}, 'safe', null, null],
  ['drop_type', { object: 'type' }, 'needs_review', null, /type note is dropped/],
  [
    'drop_type',
    { object: 'type', cascade: true },
    'destructive',
    true,
    /columns and their values too/,
  ],
  [
    'rename_other',
    { object: 'enum value' },
    'needs_review',
    true,
    /enum value note gets another name/,
  ],
  ['rename_other', { object: 'constraint' }, 'needs_review', null, /constraint note/],
  ['truncate', {}, 'destructive', null, /every row of visits is lost/],
  ['truncate', { cascade: true }, 'destructive', null, /all tables that point to it/],
  [
    'delete_rows',
    { has_where: true },
    'needs_review',
    null,
    /the rows of visits that it finds are lost/,
  ],
  ['delete_rows', { has_where: false }, 'destructive', null, /every row of visits is lost/],
  ['update_rows', { has_where: true }, 'needs_review', null, /old values are overwritten/],
  ['update_rows', { new_column: true }, 'needs_review', false, /ROW EXCLUSIVE/],
  ['insert_rows', {}, 'safe', false, null],
  ['create_view', {}, 'safe', false, null],
  ['create_view', { replaces: true }, 'safe', null, null],
  ['drop_view', {}, 'needs_review', true, /ACCESS EXCLUSIVE/],
  ['drop_view', { replaces: true }, 'needs_review', null, /ACCESS EXCLUSIVE/],
  ['lock_table', { lock: 'SHARE' }, 'needs_review', false, /takes SHARE on visits/],
  ['rewrite_table', {}, 'needs_review', false, /all of it is written anew/],
  [
    'other_change',
    { lock: 'SHARE ROW EXCLUSIVE', why: 'a trigger' },
    'needs_review',
    null,
    /a trigger; takes SHARE ROW EXCLUSIVE/,
  ],
  ['harmless', {}, 'safe', false, null],
  ['unknown', { why: 'it is a block of code' }, 'unknown', null, /it is a block of code/],
]

describe('an operation', () => {
  it.each(rows)('%s %j is %s', (kind, facts, verdict, breaks, effect) => {
    const judged = judge(operation(kind, facts))
    expect(judged).toMatchObject({ verdict, breaks })
    if (effect === null) expect(judged.effect).toBeNull()
    else expect(judged.effect).toMatch(effect)
    // Whoever has to do something is told what.
    if (verdict !== 'safe') expect(judged.advice).not.toBe('')
  })

  it('has a row above for every kind', () => {
    const judged = new Set(rows.map(([kind]) => kind))
    expect(operationKinds.filter((kind) => !judged.has(kind))).toEqual([])
  })

  it('is free on a table that the same migration created, unless nobody can read it', () => {
    const facts = { new_table: true }
    for (const kind of ['drop_column', 'set_not_null', 'delete_rows', 'create_index'] as const)
      expect(judge(operation(kind, facts))).toMatchObject({ verdict: 'safe', breaks: false })
    expect(judge(operation('unknown', facts)).verdict).toBe('unknown')
  })
})

function findings(...operations: MigrationOperation[]) {
  return findingsOf({ revision: 'r', file: 'f.sql', parents: [], digest: '', operations })
}

describe('a migration', () => {
  it('lists what a person should know, where it stands, and nothing else', () => {
    const found = findings(operation('create_table'), operation('drop_column'))
    expect(found).toMatchObject([
      { revision: 'r', file: 'f.sql', line: 3, kind: 'drop_column', statement: 'as written' },
    ])
  })

  it('lists what is safe to apply and may still harm the release that runs', () => {
    expect(findings(operation('drop_not_null'))).toMatchObject([
      {
        verdict: 'safe',
        breaks_old_release: null,
        advice: expect.stringContaining('safe to apply'),
      },
    ])
  })

  it('is as bad as its worst: a sure loss before what nobody can tell before what can be reviewed', () => {
    const [review] = findings(operation('create_index'))
    const [unknown] = findings(operation('unknown'))
    const [loss] = findings(operation('drop_table'))
    expect(worstOf([])).toBe('safe')
    expect(worstOf([unknown!, review!])).toBe('unknown')
    expect(worstOf([unknown!, loss!, review!])).toBe('destructive')
  })

  it('leaves a way back by code alone only where nothing says no and everything can be told', () => {
    expect(codeOnlyRollback(findings(operation('create_index')))).toBe(true)
    expect(codeOnlyRollback(findings(operation('unknown')))).toBeNull()
    expect(codeOnlyRollback(findings(operation('unknown'), operation('rename_column')))).toBe(false)
  })
})
