import {
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What an attacker with a shell as gonogo's user finds. */
export interface Victim {
  level: 'L0' | 'L1'
  /** Directory of gonogo.yaml. */
  root: string
  state: string
  signers: string
  production: string
  repository: string
  /** Each step for production writes a line to it. */
  witness: string
  /** The attacker's own place. */
  own: string
  /** Private key file of the one approver, as far as the attacker can read it. */
  key: string
  /** Requests: `used` deployed v1, `expired` was for v2, `rejected` and `open` are too. */
  requests: Record<'used' | 'expired' | 'rejected' | 'open', string>
  /** Process id of something that has gonogo's environment. */
  server: number
  /** Does something as gonogo's user, at once. */
  as<T>(work: () => T): T
  /** Asks the gonogo that others started. */
  ask(tool: string, args: object): Promise<string>
  /** Starts one of the attacker's own: the same program, with arguments and variables of their choice. */
  gonogo(argv: readonly string[], options?: GonogoOptions): Promise<string>
  /** Runs a program as gonogo's user. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): string
  /** Resolves once every deployment has ended. */
  settled(): Promise<void>
  /** A person with the key, at the desk of a machine as it should be. */
  approve(id: string): Promise<void>
  close(): Promise<void>
}

export interface GonogoOptions {
  env?: Record<string, string | undefined>
  cwd?: string
  /** In a pseudo-terminal: what is typed, and after which text. */
  typing?: readonly { after: string; keys: string }[]
}

export interface RunOptions {
  input?: string
  env?: Record<string, string>
}

/** One transaction in the store, as gonogo's user. */
export function edit<T>(victim: Pick<Victim, 'as' | 'state'>, work: (db: DatabaseSync) => T): T {
  return victim.as(() => {
    const db = new DatabaseSync(join(victim.state, 'gonogo.db'), { timeout: 5000 })
    try {
      return work(db)
    } finally {
      db.close()
    }
  })
}

export interface Snapshot {
  /** Whether production changed since, or gonogo was brought to change it. */
  isHarmed(): boolean
  /** Everything as it was. */
  restore(): void
}

/** How things are before an attempt: the store, production, and the files the attempts may touch. */
export function remember(victim: Victim): Snapshot {
  const copy = join(victim.own, 'store-before.db')
  edit(victim, (db) => db.exec(`vacuum into '${copy}'`))
  const link = join(victim.production, 'current')
  const files = [join(victim.root, 'gonogo.yaml'), victim.signers, victim.witness]
  const contents = new Map(files.map((file) => [file, contentOf(file)]))
  const target = readlinkSync(link)
  const before = JSON.stringify([target, stepsOf(victim)])
  return {
    isHarmed: () => JSON.stringify([targetOf(link), stepsOf(victim)]) !== before,
    restore() {
      if (targetOf(link) !== target) {
        rmSync(link, { force: true })
        symlinkSync(target, link)
      }
      for (const [file, content] of contents) {
        if (content === null) rmSync(file, { force: true })
        else if (contentOf(file) !== content) writeFileSync(file, content)
      }
      edit(victim, (db) => putBack(db, copy))
    },
  }
}

function contentOf(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

function targetOf(link: string): string | null {
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(link) : null
}

/** Steps that ran for production. */
function stepsOf({ witness }: Victim): string | null {
  return contentOf(witness)
}

function putBack(db: DatabaseSync, copy: string): void {
  db.exec(`attach '${copy}' as before; begin immediate`)
  const tables = db
    .prepare(
      `select name from before.sqlite_schema where type = 'table' and name not like 'sqlite_%'`,
    )
    .all()
  for (const { name } of tables) {
    db.exec(
      `delete from main."${String(name)}"; insert into main."${String(name)}" select * from before."${String(name)}"`,
    )
  }
  db.exec('commit; detach before')
}
