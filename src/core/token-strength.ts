/** Words that guessing begins with; a token made of one and some digits is found at once. */
const commonWords = [
  'admin',
  'approve',
  'approval',
  'changeme',
  'default',
  'deploy',
  'deployment',
  'example',
  'gonogo',
  'hunter',
  'letmein',
  'master',
  'password',
  'production',
  'qwerty',
  'release',
  'root',
  'secret',
  'staging',
  'test',
  'token',
  'welcome',
]

/** Bits a secret has to have before nobody guesses it from its hash: the logs show part of that. */
const enoughBits = 80

const shortest = 16

/**
 * Why a token is easy to guess, or null when nothing is known against it. An estimate from the outside:
 * it finds the weak, it does not prove the strong.
 */
export function tokenWeakness(token: string): string | null {
  if (token.length < shortest) return `shorter than ${shortest} characters`
  if (isRepetition(token)) return 'one part repeated'
  if (isSequence(token)) return 'a run of neighbouring characters'
  if (isWords(token)) return 'made of common words'
  if (bitsOf(token) < enoughBits) return 'of too few different characters'
  return null
}

function isRepetition(token: string): boolean {
  return `${token}${token}`.indexOf(token, 1) < token.length
}

/** `abcdefgh…`, `12345678…`, up or down, most of the way. */
function isSequence(token: string): boolean {
  const codes = Array.from(token, (character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).filter((code, index) => Math.abs(code - codes[index]!) === 1)
  return steps.length >= codes.length * 0.75
}

/** Little is left without the words, also where signs stand for letters. */
function isWords(token: string): boolean {
  const plain = token
    .toLowerCase()
    .replace(/0/g, 'o')
    .replace(/[1!]/g, 'i')
    .replace(/3/g, 'e')
    .replace(/[@4]/g, 'a')
    .replace(/[$5]/g, 's')
  const rest = commonWords.reduce((text, word) => text.replaceAll(word, ''), plain)
  return rest !== plain && rest.replace(/[\W_]/g, '').length < shortest / 2
}

/** Shannon's entropy of the characters, times their number. */
function bitsOf(token: string): number {
  const counts = new Map<string, number>()
  for (const character of token) counts.set(character, (counts.get(character) ?? 0) + 1)
  const { length } = Array.from(token)
  const perCharacter = [...counts.values()].reduce((sum, count) => {
    const share = count / length
    return sum - share * Math.log2(share)
  }, 0)
  return perCharacter * length
}
