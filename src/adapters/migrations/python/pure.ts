import { listOf, none, opaque, reaches, type PyCall, type PyValue } from './value.ts'

const builtins = new Set(
  (
    'abs all any bool bytes callable chr dict divmod enumerate filter float format frozenset hash hex id int ' +
    'isinstance issubclass iter len list map max min next oct ord pow print range repr reversed round set ' +
    'slice sorted str sum super tuple type zip Exception RuntimeError ValueError KeyError TypeError ' +
    'NotImplementedError AssertionError'
  ).split(' '),
)

const modules =
  /^(?:base64|collections|contextlib|copy|dataclasses|datetime|decimal|enum|fractions|functools|hashlib|inspect|itertools|json|locale|logging|math|operator|os\.environ|os\.getenv|os\.path|pathlib\.PurePath|random|re|secrets|statistics|string|sys\.stdout|sys\.stderr|textwrap|time|typing|unicodedata|uuid|warnings|zoneinfo)(?:\.|$)/

/** Functions that come with Python and change nothing but what they are given. */
export function isPure(name: string): boolean {
  return name.startsWith('builtins.') ? builtins.has(name.slice(9)) : modules.test(name)
}

const same =
  /^(?:builtins\.(?:str|list|tuple|set|frozenset|sorted|reversed)|textwrap\.dedent|inspect\.cleandoc)$/

/** What one of them comes to. */
export function pureResult(name: string, call: PyCall): PyValue {
  const [first] = call.args
  if (first && same.test(name) && (first.kind === 'text' || first.kind === 'list')) return first
  if (name === 'builtins.enumerate' && first?.kind === 'list') {
    const pairs = first.items.map((item, index) =>
      listOf([{ kind: 'number', text: String(index) }, item]),
    )
    return listOf(pairs)
  }
  if (name === 'builtins.print') return none
  return opaque('its value is computed when it runs', call.args.some(reaches))
}
