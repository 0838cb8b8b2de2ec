import { readFile, stat } from 'node:fs/promises'
import { holdSecrets } from '../core/held-secrets.ts'
import type { Project } from '../core/project.ts'
import { readVariable, sha256, type ProcessEnv, type Secrets } from './environment-variables.ts'
import { configurationFailure } from './problems.ts'

/** What a variable is called that holds a secret, whoever set it. */
const secretName =
  /token|secret|password|passwd|passphrase|credential|(?:^|_|api|private|access|signing)keys?(?:$|_)/i

/** Names of places and of things: what they hold is in every path and every message. */
const placeName = /_(?:file|path|dir|directory|id|name|user|host|port|sock|type)$/i

/** A shorter value is a setting such as `on`. */
const shortestValue = 8

/** Who calls, and what must be in no output of this process; `heldSecrets` may grow. */
export async function readCallers(project: Project, secrets: Secrets, env: ProcessEnv) {
  const { admin_tokens, plain_tokens } = secrets
  const callerToken = await readCallerToken(env)
  const heldSecrets = secretsHeld(project, secrets, env, callerToken)
  const held = holdSecrets({ all: heldSecrets, admin_tokens, plain_tokens }, sha256)
  return { adminTokens: admin_tokens, callerToken, held, heldSecrets }
}

/** What must be in no output of this process: later ones are added as they are learnt. */
export function secretsHeld(
  project: Project,
  secrets: Secrets,
  env: ProcessEnv,
  callerToken: string | null,
): string[] {
  const own = [
    secrets.github_token,
    callerToken,
    readVariable(env, 'GONOGO_REGISTRY_PASSWORD'),
    readVariable(env, 'GONOGO_APPROVAL_TOKEN'),
    readVariable(env, 'GONOGO_REVIEW_TOKEN'),
    ...secrets.plain_tokens,
    ...variablesOf(project).map((name) => env[name]?.trim()),
  ]
  const named = Object.entries(env).filter(([name]) => mayBeSecret(name))
  const open = new Set([project.name, ...project.environments.map(({ name }) => name)])
  const others = named
    .map(([, value]) => value?.trim() ?? '')
    .filter((value) => value.length >= shortestValue && !open.has(value))
  return [...new Set([...own, ...others])].filter(
    (secret) => secret !== null && secret !== undefined && secret !== '',
  ) as string[]
}

function mayBeSecret(name: string): boolean {
  return secretName.test(name) && !placeName.test(name)
}

/** The configuration names them. Addresses of incoming webhooks let whoever knows them write there. */
function variablesOf({ notifications, audit }: Project): string[] {
  const streams = audit.streams.map((stream) => ('secret_env' in stream ? stream.secret_env : null))
  const targets = notifications.flatMap(({ url_env, secret_env }) => [url_env, secret_env])
  return [...streams, ...targets].filter((name) => name !== null)
}

/** The caller's own token: GONOGO_TOKEN, else the content of the file that GONOGO_TOKEN_FILE names. */
async function readCallerToken(env: ProcessEnv): Promise<string | null> {
  const given = readVariable(env, 'GONOGO_TOKEN')
  const file = readVariable(env, 'GONOGO_TOKEN_FILE')
  if (given !== undefined || file === undefined) return given ?? null
  const content = await readTokenFile(file)
  const token = content.trim()
  // No token at all would make the caller somebody without one.
  if (token === '') throw tokenFileFailure(`${file} is empty`)
  return token
}

/** Far longer than any token. */
const longestFile = 4096

async function readTokenFile(file: string): Promise<string> {
  const unreadable = (error: NodeJS.ErrnoException) => {
    throw tokenFileFailure(`${file} cannot be read (${error.code})`)
  }
  const facts = await stat(file).catch(unreadable)
  // Reading a pipe or device could wait for ever.
  if (!facts.isFile()) throw tokenFileFailure(`${file} is not a regular file`)
  if (facts.size > longestFile)
    throw tokenFileFailure(`${file} is ${facts.size} bytes long, which no token is`)
  return await readFile(file, 'utf8').catch(unreadable)
}

function tokenFileFailure(problem: string) {
  return configurationFailure(
    [`GONOGO_TOKEN_FILE: ${problem}`],
    'write the token that gonogo token create printed into that file, or unset the variable',
  )
}
