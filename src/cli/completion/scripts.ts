export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell'

/**
 * The script for a shell. It asks the gonogo that printed it, by absolute path: completing `./gonogo`
 * in somebody else's checkout must not run that one.
 */
export function completionScript(shell: Shell, command: readonly string[]): string {
  return scripts[shell](command)
}

// `:files` as the only answer means that the word is a path.
const scripts: Record<Shell, (command: readonly string[]) => string> = {
  bash: (command) => `# gonogo completion for bash
_gonogo() {
  local line word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ':files' ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(${posix(command)} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o nosort -F _gonogo gonogo 2>/dev/null || complete -F _gonogo gonogo
`,
  zsh: (command) => `#compdef gonogo
# gonogo completion for zsh
_gonogo() {
  local line help
  local -a described
  for line in "\${(@f)$(${posix(command)} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    if [[ "$line" == ':files' ]]; then
      _files
      return
    fi
    help="\${line#*$'\\t'}"
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}:$help")
  done
  _describe -V 'gonogo' described
}
if [[ "$funcstack[1]" == '_gonogo' ]]; then
  _gonogo "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _gonogo gonogo
fi
`,
  fish: (command) => `# gonogo completion for fish
function __gonogo_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  set -l found (${command.map(fishWord).join(' ')} complete -- $words "$current" 2>/dev/null)
  if test "$found" = ':files'
    __fish_complete_path "$current"
  else
    printf '%s\\n' $found
  end
end
complete -c gonogo -f -k -a '(__gonogo_complete)'
`,
  powershell: (command) => `# gonogo completion for PowerShell
Register-ArgumentCompleter -Native -CommandName gonogo -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  # Older versions drop empty arguments of programs.
  $next = @(if ($wordToComplete -eq '') { '--next' })
  & ${command.map(powershellWord).join(' ')} complete @next '--' @words 2>$null | ForEach-Object {
    $value, $help = $_ -split "\`t", 2
    if ($value -eq ':files') { return }
    if (-not $help) { $help = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
  }
}
`,
}

function posix(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
}

function fishWord(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function powershellWord(word: string): string {
  return `'${word.replaceAll("'", "''")}'`
}
