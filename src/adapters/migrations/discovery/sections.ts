/** Lines by which a tool tells the two ways of one file apart; what another tool means by its own says nothing. */
const tools: readonly { up: RegExp; down: RegExp }[] = [
  { up: /^\s*--\s*migrate:up\b/i, down: /^\s*--\s*migrate:down\b/i },
  { up: /^\s*--\s*\+goose Up\b/i, down: /^\s*--\s*\+goose Down\b/i },
  { up: /^\s*--\s*\+migrate Up\b/i, down: /^\s*--\s*\+migrate Down\b/i },
  { up: /^\s*--\s*\+micrate Up\b/i, down: /^\s*--\s*\+micrate Down\b/i },
  { up: /^\s*(?:--|#)\s*(?:--- ?)?!Ups\b/i, down: /^\s*(?:--|#)\s*(?:--- ?)?!Downs\b/i },
]

/** MyBatis begins with the way up, and does not say so. */
const undo = /^\s*--\s*\/\/\s*@UNDO\b/i

function toolOf(lines: readonly string[]) {
  return tools.find(({ up }) => lines.some((line) => up.test(line)))
}

/** Whether a file says which part of it goes up. */
export function hasSections(text: string): boolean {
  return toolOf(text.split('\n')) !== undefined
}

/**
 * The part that goes up. The rest is made blank rather than cut, so that lines keep their numbers. A
 * file without sections is all of it the way up, and so is one that is called so (`up.sql`).
 */
export function upPart(text: string, path: string): string {
  const lines = text.split('\n')
  if (/(?:^|[./])up\.sql$/i.test(path)) return text
  const tool = toolOf(lines)
  const down = tool?.down ?? undo
  let inside = tool === undefined
  return lines
    .map((line) => {
      if (tool?.up.test(line) === true) inside = true
      else if (down.test(line)) inside = false
      return inside ? line : ''
    })
    .join('\n')
}
