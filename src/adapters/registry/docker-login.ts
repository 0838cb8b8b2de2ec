import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { Found, Login, LoginDeps } from './login.ts'
import type { Place } from './place.ts'

/** What is read of Docker's `config.json`. */
const dockerConfig = z.object({
  auths: z
    .record(
      z.string(),
      z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }),
    )
    .optional(),
  /** Registry to the program that keeps its credentials. */
  credHelpers: z.record(z.string(), z.string()).optional(),
  /** The program that keeps all others. */
  credsStore: z.string().optional(),
})
type DockerConfig = z.infer<typeof dockerConfig>

/** What `docker login` left behind for this registry: in its file, or with a helper program. */
export async function dockerLogin(place: Place, deps: LoginDeps): Promise<Found> {
  const { HOME: home = homedir(), DOCKER_CONFIG: directory = join(home, '.docker') } = deps.env
  const path = join(directory, 'config.json')
  const config = await readConfig(path)
  if (typeof config === 'string') return none(config)
  const helper = valueFor(place, config.credHelpers ?? {}) ?? config.credsStore ?? ''
  if (helper !== '') return helperLogin(helper, place, deps)
  const entry = valueFor(place, config.auths ?? {})
  const login = entry && storedLogin(entry, path)
  return login ? { login } : none(`${path} has no login for ${place.host}`)
}

function none(why: string): Found {
  return { login: null, why }
}

/** The file's content, or why there is none. */
async function readConfig(path: string): Promise<DockerConfig | string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (typeof text !== 'string') {
    return text.code === 'ENOENT'
      ? `nobody is signed in: there is no ${path}`
      : `${path} cannot be read (${text.code ?? 'unknown error'})`
  }
  const parsed = dockerConfig.safeParse(jsonOf(text))
  return parsed.success ? parsed.data : `${path} is not a configuration of Docker`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Keys are host names, and in older files addresses with a scheme and a path. */
function valueFor<T>({ logins }: Place, values: Record<string, T>): T | undefined {
  const names = new Set(logins.map(hostOf))
  return Object.entries(values).find(([key]) => names.has(hostOf(key)))?.[1]
}

function hostOf(key: string): string {
  return (
    key
      .replace(/^https?:\/\//, '')
      .split('/')[0]
      ?.toLowerCase() ?? ''
  )
}

function storedLogin(
  {
    auth = '',
    identitytoken = '',
  }: { auth?: string | undefined; identitytoken?: string | undefined },
  source: string,
): Login | undefined {
  const text = Buffer.from(auth, 'base64').toString('utf8').replaceAll('\0', '')
  const colon = text.indexOf(':')
  const user = text.slice(0, Math.max(0, colon))
  if (identitytoken !== '') return { user, secret: identitytoken, kind: 'identity', source }
  if (colon < 1 || colon === text.length - 1) return undefined
  return { user, secret: text.slice(colon + 1), kind: 'password', source }
}

const helperTimeoutMs = 15_000

const helperAnswer = z.object({ Username: z.string(), Secret: z.string().min(1) })

/** What helper programs need besides the usual to find what they keep; none of it is a secret. */
const handedOn = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TMPDIR',
  'DOCKER_CONFIG',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'PASSWORD_STORE_DIR',
  'AWS_PROFILE',
  'AWS_REGION',
  'CLOUDSDK_CONFIG',
  'HTTPS_PROXY',
  'NO_PROXY',
  'https_proxy',
  'no_proxy',
]

/**
 * Asks `docker-credential-NAME get`, the registry on its stdin. Nothing of what it prints is shown. One
 * that fails is told as having no login, which is what most of them mean; it is in the message then.
 */
async function helperLogin(name: string, place: Place, deps: LoginDeps): Promise<Found> {
  const program = `docker-credential-${oneLine(name, 60)}`
  // A path in the name would start something else than a program of the PATH.
  if (!/^[\w.-]+$/.test(name)) return none(`${program} is no name of a program`)
  const ended = await runHelper(program, place, deps)
  if (typeof ended === 'string') return none(`${program} ${ended}`)
  const { exitCode, timedOut, stdout } = ended
  if (timedOut) return none(`${program} did not end within ${helperTimeoutMs / 1000} s`)
  if (exitCode !== 0) {
    return none(`${program} gave no login for ${place.host} (exit code ${exitCode ?? 'none'})`)
  }
  const answer = helperAnswer.safeParse(jsonOf(Buffer.from(stdout).toString('utf8')))
  if (!answer.success) return none(`${program} answered with something that is no login`)
  const { Username: user, Secret: secret } = answer.data
  const kind = user === '<token>' ? 'identity' : 'password'
  return { login: { user, secret, kind, source: program } }
}

async function runHelper(program: string, { logins }: Place, deps: LoginDeps) {
  const env = Object.fromEntries(
    handedOn.flatMap((name) => {
      const value = deps.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
  try {
    return await deps.processes.run([program, 'get'], {
      env,
      input: `${logins[0] ?? ''}\n`,
      timeoutMs: helperTimeoutMs,
      maxBytes: 64 * 1024,
      ...(deps.signal && { signal: deps.signal }),
    })
  } catch (error) {
    if (error instanceof Failure && error.code === 'missing_program') return 'is not on the PATH'
    throw error
  }
}
