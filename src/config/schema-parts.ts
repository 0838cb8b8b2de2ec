import { z } from 'zod'

/** A name that goes into file names, rows and audit lines. */
export const identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'must be letters, digits, ".", "_" or "-", beginning with a letter or digit, at most 64',
})

/** A path as written in the file; relative ones are resolved when the project is built. */
export const path = z.string().min(1)

/** The name of an environment variable. */
export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'must be a variable name: letters, digits and "_", not beginning with a digit',
})

/** The name of a step or test, as people read it in plans and results. */
export const stepName = z
  .string()
  .regex(/^(?=\S)(?!.*\p{C})[^\p{Zl}\p{Zp}]{1,80}(?<=\S)$/u, {
    error: 'must be one line of at most 80 characters without surrounding blanks',
  })
  // For editors: not every reader of a JSON Schema knows Unicode classes and look-behind.
  .meta({ pattern: '^\\S(?:.{0,78}\\S)?$' })

/** A program and its arguments; a shell line would make quoting part of the policy. */
export const commandLine = z
  .array(z.string(), { error: 'must be a list of arguments such as [npm, test]' })
  .refine((argv) => (argv[0] ?? '') !== '', { error: 'must name a program' })
  .meta({ minItems: 1 })

/** A directory inside the tree a command runs in. */
export const innerDirectory = z
  .string()
  .min(1)
  .refine((text) => !text.startsWith('/') && !text.split('/').includes('..'), {
    error: 'must be a relative path without ".."',
  })

/** Whole seconds, at most a day. */
export function seconds(fallback: number, most = 86_400) {
  return z.int().min(1).max(most).default(fallback)
}

/** True for what a request can be sent to; user info is refused because URLs are shown and stored. */
function isHttpUrl(text: string): boolean {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false
  return url.username === '' && url.password === ''
}

/** An absolute URL. */
export const httpUrl = z
  .string()
  .refine(isHttpUrl, { error: 'must be an http or https URL without user name and password' })
  .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://' })

const localPath = /^\/(?![/\\])[^\s\\]*$/

/** A path below the environment's URL; `//host` would leave that host. */
export const urlPath = z.string().regex(localPath, {
  error: 'must be a path beginning with a single "/", without blanks',
})

/** A path below the environment's URL, or an absolute URL. */
export const urlOrPath = z
  .string()
  .refine((text) => localPath.test(text) || isHttpUrl(text), {
    error: 'must be a path beginning with "/" or an http or https URL',
  })
  .meta({ pattern: '^(?:/|[Hh][Tt][Tt][Pp][Ss]?://)' })

/** Dot-separated keys and list positions, such as `items.0.id`. */
export const jsonPath = z.string().regex(/^[^.\s]+(?:\.[^.\s]+)*$/, {
  error: 'must be keys separated by dots, such as items.0.id',
})
