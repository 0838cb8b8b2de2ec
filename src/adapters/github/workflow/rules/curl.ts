import { hasOption, invocationsOf, type Hidden, type Line } from './shell.ts'

/** Calls of curl that succeed although the server said no, or said "elsewhere". */
export function curlProblems(line: Line): Hidden[] {
  return invocationsOf('curl', line).flatMap(({ words, offset }) => {
    const given = (long: RegExp, letter: string) => hasOption(words, long, letter)
    const asks = words.some((word) => /:\/\/|\$|localhost|\.[a-z]{2,}/.test(word))
    // Whoever prints the status means to look at it.
    if (!asks || given(/^write-out$/, 'w') || given(/^config$/, 'K')) return []
    const fails = given(/^fail(?:-with-body)?$/, 'f')
    const follows = given(/^location(?:-trusted)?$/, 'L')
    const sends = given(/^(?:data.*|json|form|request|upload-file|head)$/, 'd') || given(/^$/, 'X')
    if (fails && (follows || sends)) return []
    const lacks = [...(fails ? [] : ['--fail']), ...(follows || sends ? [] : ['--location'])]
    const why = fails
      ? 'takes a redirect for an answer'
      : follows || sends
        ? 'takes an error page for success'
        : 'takes an error page or a redirect for success'
    const fix = `add ${lacks.join(' and ')}, so that it fails when the request does`
    return [{ offset, what: `curl without ${lacks.join(' and ')} ${why}`, fix }]
  })
}
