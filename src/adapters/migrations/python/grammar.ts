import python from '@ast-grep/lang-python'
import { parse, registerDynamicLanguage } from '@ast-grep/napi'
import type { PyNode } from './node.ts'

// A native library: whoever needs Python imports this file when the need is there.
registerDynamicLanguage({ python })

/** The syntax tree of a file. Whatever the text is, there is one; what is no Python is an ERROR in it. */
export function parsePython(text: string): PyNode {
  return parse('python', text).root()
}
