/** A command as completion needs it. */
export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  /** The first argument's choices; files are completed if there are none. */
  readonly words: readonly string[]
  readonly options: readonly {
    readonly name: string
    readonly help: string
    readonly takesValue: boolean
  }[]
}

/** The completion script of each shell, for the binary `anthology`. */
export const shells = {
  bash: printBash,
  zsh: printZsh,
  fish: printFish,
} as const satisfies Record<string, (commands: readonly CompletedCommand[]) => string>

function printBash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ name, words, options }) =>
      `    ${name}) words='${words.join(' ')}' options='${listFlags(options).join(' ')}' values='${listFlags(
        options.filter(({ takesValue }) => takesValue),
      ).join(' ')}' ;;`,
  )
  return `# Completion of anthology for bash.
_anthology() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words='' options='' values=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  # The value of an option is completed as a file.
  case " $values " in *" $previous "*) return ;; esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *) [ "$COMP_CWORD" -eq 2 ] && COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -o default -F _anthology anthology`
}

function printZsh(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) => `    ${quote(`${name}:${escapeColons(summary)}`)}`)
  const cases = commands.map(({ name, words, options }) => {
    const specs = options.map(
      ({ name: option, help, takesValue }) =>
        `      ${quote(`*--${option}[${escapeBrackets(help)}]${takesValue ? ':value:_files' : ''}`)}`,
    )
    const first = words.length === 0 ? "'*:file:_files'" : quote(`1:word:(${words.join(' ')})`)
    return `    ${name})\n      _arguments \\\n${specs.map((spec) => `${spec} \\\n`).join('')}      ${first} ;;`
  })
  return `#compdef anthology
# Completion of anthology for zsh.
_anthology() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${cases.join('\n')}
  esac
}
# As an autoloaded file it runs at once; if it is sourced, it is registered.
if [ "$funcstack[1]" = _anthology ]; then _anthology "$@"; else compdef _anthology anthology; fi`
}

function printFish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, words, options }) => {
    const inside = `-n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c anthology -n __fish_use_subcommand -f -a ${name} -d ${quoteFish(summary)}`,
      ...(words.length === 0 ? [] : [`complete -c anthology ${inside} -f -a '${words.join(' ')}'`]),
      ...options.map(
        ({ name: option, help, takesValue }) =>
          `complete -c anthology ${inside} -l ${option}${takesValue ? ' -r' : ''} -d ${quoteFish(help)}`,
      ),
    ]
  })
  return ['# Completion of anthology for fish.', ...lines].join('\n')
}

function listFlags(options: CompletedCommand['options']): readonly string[] {
  return options.map(({ name }) => `--${name}`)
}

/** In single quotes, for bash and zsh. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function quoteFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}

function escapeColons(text: string): string {
  return text.replaceAll(':', String.raw`\:`)
}

function escapeBrackets(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`)
}
