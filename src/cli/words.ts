import { toolCommands } from './tool-commands.ts'

const commandOf = new Map(toolCommands.map(({ tool, command }) => [tool, `gonogo ${command}`]))
const toolNames = new RegExp(`\\b(?:call )?(${[...commandOf.keys()].join('|')})\\b`, 'g')

/**
 * Tools name each other in hints, as a model calls them; a person is told the commands. Only texts
 * for people pass through here: JSON keeps the tools' own words.
 */
export function inCliWords(text: string): string {
  return text
    .replace(toolNames, (found, tool: string) => {
      const command = commandOf.get(tool) ?? found
      return found.startsWith('call ') ? `run ${command}` : command
    })
    .replaceAll('gonogo gonogo', 'gonogo')
    .replace(/\bapproval_token (?=apr_)/g, '--approval-token ')
    .replace(/\b(override_freeze|break_glass) and a reason/g, waiverFlags)
    .replace(/(gonogo rollback \S+) with a reason/g, '$1 --reason TEXT')
}

function waiverFlags(_: string, waiver: string): string {
  return `--${waiver.replace('_', '-')} --reason TEXT`
}
