/** A piece of a text of SQL that no statement can end in: a comment, a string, a word, a sign. */
export interface Token {
  text: string
  /** Characters before it, and up to its end. */
  start: number
  end: number
}

// Comments, strings, quoted names, dollar quotes, words, and what else there is.
const token =
  /--[^\n]*|\/\*|[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*(?:'|$)|'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[\w\u0080-\uffff][\w$\u0080-\uffff]*|\s+|[^]/y

/** The token at a place; a gap is white space or a comment. */
export function tokenAt(text: string, start: number): Token & { isGap: boolean } {
  token.lastIndex = start
  const found = token.exec(text)?.[0] ?? text.slice(start)
  const isGap = found === '/*' || found.startsWith('--') || /^\s/.test(found)
  return { text: found, start, end: endOfToken(text, found, start), isGap }
}

/** Comments nest, and a dollar quote ends where its own tag comes again. */
function endOfToken(text: string, found: string, start: number): number {
  if (found === '/*') return endOfComment(text, start)
  const isQuote = found.length > 1 && found.startsWith('$') && found.endsWith('$')
  return isQuote ? endOfQuote(text, found, start) : start + found.length
}

function endOfComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  let open = 0
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    open += found[0] === '/*' ? 1 : -1
    if (open === 0) return mark.lastIndex
  }
  return text.length
}

function endOfQuote(text: string, tag: string, start: number): number {
  const close = text.indexOf(tag, start + tag.length)
  return close === -1 ? text.length : close + tag.length
}

/**
 * How deep the parser may have to go at most: the words of one item of a list, with those of what stands in
 * brackets in it. What is separated by commas lies side by side.
 */
export function deepestNesting(text: string): number {
  const levels = [{ item: 0, most: 0 }]
  let deepest = 0
  for (let at = 0; at < text.length;) {
    const { text: found, end, isGap } = tokenAt(text, at)
    at = end
    if (isGap) continue
    const level = levels.at(-1)!
    if (found === '(' || found === '[') levels.push({ item: 0, most: 0 })
    else if ((found === ')' || found === ']') && levels.length > 1) closeBracket(levels)
    else if (found === ',' || found === ';') {
      level.most = Math.max(level.most, level.item)
      level.item = 0
      if (levels.length === 1) deepest = Math.max(deepest, level.most)
    } else level.item++
  }
  while (levels.length > 1) closeBracket(levels)
  return Math.max(deepest, levels[0]!.item, levels[0]!.most)
}

function closeBracket(levels: { item: number; most: number }[]): void {
  const { item, most } = levels.pop()!
  levels.at(-1)!.item += Math.max(item, most) + 1
}
