const always = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'SHELL',
] as const

/** What a prompt needs: the terminal's type, the key agent, and a graphical way to ask. */
const forPrompts = [
  'TERM',
  'SSH_AUTH_SOCK',
  'SSH_ASKPASS',
  'SSH_ASKPASS_REQUIRE',
  'DISPLAY',
  'WAYLAND_DISPLAY',
] as const

/** What a program needs that sends requests where only a proxy may. */
const forRequests = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
] as const

/** Where a program that prints a token for GitHub finds what it holds, such as the desktop's keyring. */
const forTokens = [
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'GH_CONFIG_DIR',
  'GH_HOST',
] as const

/**
 * The part of gonogo's environment that a program it starts may see. An allow-list, so that a secret
 * nobody thought of is not passed on. The key agent is left out unless a person is at the terminal:
 * whoever reaches it can sign with every loaded key.
 */
export function allowedEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  options: { terminal?: boolean; requests?: boolean; tokens?: boolean } = {},
): Record<string, string> {
  const names: readonly string[] = [
    ...always,
    ...(options.terminal ? forPrompts : []),
    ...(options.requests ? forRequests : []),
    ...(options.tokens ? forTokens : []),
  ]
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
