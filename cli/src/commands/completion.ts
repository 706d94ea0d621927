import { commonOptions, UsageError } from '../command.ts'
import type { Command, Option, Program } from '../command.ts'
import { shells } from '../completion-script.ts'
import type { CompletedCommand } from '../completion-script.ts'
import { listCommands } from '../program-commands.ts'

const names = Object.keys(shells)

export function createCommand(program: Program): Command {
  return {
    name: 'completion',
    summary: 'Print a completion script for bash, zsh or fish',
    usage: names.join(' | '),
    example: 'anthology completion bash > ~/.local/share/bash-completion/completions/anthology',
    options: {},
    words: names,
    async run(context, values, [name, ...more]) {
      const print = Object.entries(shells).find(([shell]) => shell === name)?.[1]
      if (print === undefined || more.length > 0)
        throw new UsageError(
          name === undefined || more.length > 0
            ? 'completion needs one shell'
            : `there is no completion for ${JSON.stringify(name)}`,
          `Choose one of ${names.join(', ')}.`,
        )
      const script = print(await readCommands(program))
      context.out(values['json'] === true ? JSON.stringify({ shell: name, script }) : script)
      return 0
    },
  }
}

async function readCommands(program: Program): Promise<readonly CompletedCommand[]> {
  return Promise.all(
    listCommands(program).map(async (entry) => {
      const { command } = await entry.load()
      const words = entry.name === 'help' ? listCommands(program).map(({ name }) => name) : command.words
      const all: Readonly<Record<string, Option>> = { ...command.options, ...commonOptions }
      const options = Object.entries(all)
      return {
        name: entry.name,
        summary: entry.summary,
        words: words ?? [],
        options: options.map(([name, { help, type }]) => ({ name, help, takesValue: type === 'string' })),
      }
    }),
  )
}
