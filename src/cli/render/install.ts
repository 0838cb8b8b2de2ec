import { access } from 'node:fs/promises'
import { oneLine } from '../../core/text.ts'
import type { OwnWay } from '../../setup/clients/by-hand.ts'
import { clients, type Client, type Scope } from '../../setup/clients/clients.ts'
import type { Places } from '../../setup/clients/places.ts'
import type { Change, State } from '../../setup/clients/plan.ts'
import { quoted } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'

interface Flags {
  json?: boolean
  quiet?: boolean
  dryRun?: boolean
}

/** Which file of which client. */
interface Target {
  client: Client
  scope: Scope
  file: string
  name: string
  notes: readonly string[]
}

/** What was done to a client's file, or would be. */
export function printChange(
  surface: Surface,
  flags: Flags,
  target: Target & { change: Change },
): void {
  const { client, scope, file, name, change, notes } = target
  const { state, difference } = change
  const planned = change.text !== null && flags.dryRun === true
  const written = change.text !== null && !planned
  const next = isGone(state) ? null : client.next[scope]!
  if (flags.json) {
    const facts = { client: client.id, scope, file, name, state, written, difference, notes, next }
    return writeJson(surface, facts)
  }
  surface.out.write(
    `${planned ? wouldBe[state] : isNow[state]} ${name} in ${oneLine(file, 1000)}\n`,
  )
  printDifference(surface, difference)
  const shared = written && state === 'added' && scope === 'project'
  printNotes(surface, shared ? [...notes, machinePaths] : notes)
  const advice = planned ? 'run the same command without --dry-run' : next
  if (!flags.quiet && advice !== null) surface.err.write(`next: ${advice}\n`)
}

const machinePaths = 'the file names paths of this machine: think before you commit it'

function isGone(state: State): boolean {
  return state === 'removed' || state === 'not_there'
}

function printDifference({ out }: Surface, lines: readonly string[]): void {
  const { good, bad } = paletteFor(out)
  for (const line of lines) out.write(`  ${line.startsWith('+') ? good(line) : bad(line)}\n`)
}

function printNotes({ err }: Surface, notes: readonly string[]): void {
  const { caution } = paletteFor(err)
  for (const note of notes) err.write(`${caution('note:')} ${oneLine(note, 1000)}\n`)
}

const isNow: Record<State, string> = {
  added: 'added',
  updated: 'updated',
  already_there: 'nothing to do:',
  removed: 'removed',
  not_there: 'nothing to do: there is no',
}

const wouldBe: Record<State, string> = {
  ...isNow,
  added: 'would add',
  updated: 'would update',
  removed: 'would remove',
}

/** The snippet alone on stdout, so that it can be piped. */
export function printSnippet(
  surface: Surface,
  { json, quiet }: Flags,
  target: Target & { snippet: string; own: OwnWay | null },
): void {
  const { client, scope, file, name, snippet, own, notes } = target
  const next = client.next[scope]!
  const command = own && 'command' in own ? own.command.map(quoted).join(' ') : null
  const link = own && 'link' in own ? own.link : null
  if (json) {
    const facts = { client: client.id, scope, file, name, snippet, command, link, notes, next }
    return writeJson(surface, facts)
  }
  surface.out.write(`${snippet}\n`)
  if (quiet) return
  printNotes(surface, notes)
  surface.err.write(`this belongs in ${oneLine(file, 1000)}\n`)
  if (command !== null) surface.err.write(`or run: ${command}\n`)
  if (link !== null) surface.err.write(`or open: ${link}\n`)
  surface.err.write(`next: ${next}\n`)
}

/** The clients, whether they seem to be used here, and the command for each. */
export async function listClients(surface: Surface, { json, quiet }: Flags, places: Places) {
  const found = await Promise.all(
    clients.map(async (client) => ({
      client: client.id,
      title: client.title,
      present: await anyExists(client.traces(places)),
      files: Object.fromEntries(
        Object.entries(client.files).map(([scope, file]) => [scope, file(places)]),
      ),
      command: `gonogo install --client ${client.id}`,
    })),
  )
  if (json) return writeJson(surface, { project: places.project, clients: found })
  const { good, faint } = paletteFor(surface.out)
  for (const { title, present, command } of found) {
    const mark = present ? good('found here ') : faint('not found  ')
    surface.out.write(`${title.padEnd(15)} ${mark} ${command}\n`)
  }
  if (!quiet) surface.err.write('next: add --dry-run to see what would be written, and where\n')
}

async function anyExists(paths: readonly string[]): Promise<boolean> {
  const checks = paths.map((path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(checks)).includes(true)
}

function writeJson({ out }: Surface, data: Record<string, unknown>): void {
  out.write(`${JSON.stringify({ schema_version: 1, ...data }, null, 2)}\n`)
}
