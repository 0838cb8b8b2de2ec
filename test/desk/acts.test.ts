import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** What people do at the desk: each leaves an intent before it and a result after it. */
const acts = [
  'addApprover',
  'adopt',
  'approveRequest',
  'breakLock',
  'createToken',
  'decideReview',
  'importDecision',
  'liftHold',
  'liftStops',
  'rejectRequest',
  'releaseEnvironment',
  'removeApprover',
  'reviewBreakGlass',
  'revokeApproval',
  'revokeToken',
  'stopTheLine',
  'takeEnvironment',
  'testNotification',
  'trustPolicy',
]

/** What changes something outside the process. */
const effect =
  /store\.write\(|\.approvers\.(?:add|remove)\(|\.signer\.sign\(|\.decide\(|notifier\.send\(|\.lock\.\w+\(/

const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
const deskFiles = globSync('src/desk/*.ts', { cwd: root })

/** Functions of the desk by name, with their text. */
const functions = new Map(
  deskFiles
    .map(textOf)
    .flatMap((text) => [...text.matchAll(/^(?:export )?(?:async )?function\*? (\w+)[^]*?\n\}$/gm)])
    .map(([body, name]) => [name!, body.slice(body.indexOf('('))] as const),
)

/** What others take from the desk. */
const entrances = new Set(
  globSync('src/**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith('src/desk/'))
    .flatMap((file) => [...textOf(file).matchAll(/import \{([^}]*)\} from '[^']*\/desk\/[^']*'/g)])
    .flatMap(([, names]) => names!.split(','))
    .map((name) => name.trim())
    .filter((name) => functions.has(name)),
)

/** How a function of the desk changes something: under audit, without, or not at all. */
function kindOf(name: string, seen = new Set<string>()): 'audited' | 'unaudited' | 'read' {
  const body = functions.get(name)
  if (body === undefined || seen.has(name)) return 'read'
  seen.add(name)
  if (/\baudited\(/.test(body)) return 'audited'
  if (effect.test(body)) return 'unaudited'
  const called = [...functions.keys()].filter((other) => new RegExp(`\\b${other}\\(`).test(body))
  const kinds = called.map((other) => kindOf(other, seen))
  return (
    kinds.find((kind) => kind === 'unaudited') ?? kinds.find((kind) => kind === 'audited') ?? 'read'
  )
}

it('finds the functions of the desk, and those that others use', () => {
  expect(functions.size).toBeGreaterThan(60)
  expect(entrances.size).toBeGreaterThan(20)
})

it('lets nobody change anything from the desk without the audit log', () => {
  const byKind = Map.groupBy(entrances, (name) => kindOf(name))
  expect(byKind.get('unaudited') ?? []).toEqual([])
  expect(byKind.get('audited')?.toSorted()).toEqual(acts)
})
