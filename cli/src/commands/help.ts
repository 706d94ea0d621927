import { UsageError } from '../command.ts'
import type { Command, Program } from '../command.ts'
import { createUnknownCommandError } from '../did-you-mean.ts'
import { commandHelp, programHelp } from '../help.ts'
import { listCommands } from '../program-commands.ts'

export function createCommand(program: Program): Command {
  return {
    name: 'help',
    summary: 'Show the commands, or explain one',
    usage: '[COMMAND]',
    example: 'anthology help models',
    options: {},
    async run(context, values, [name, ...more]) {
      const commands = listCommands(program)
      if (more.length > 0)
        throw new UsageError('help explains one command', 'For example: anthology help models')
      const json = values['json'] === true
      if (name === undefined) {
        const entries = commands.map(({ name: each, summary }) => ({ name: each, summary }))
        context.out(json ? JSON.stringify(entries, null, 2) : programHelp(commands, context))
        return 0
      }
      const entry = commands.find((each) => each.name === name)
      if (entry === undefined) throw await createUnknownCommandError(name, commands)
      const { command } = await entry.load()
      const { summary, usage, example, options } = command
      context.out(
        json
          ? JSON.stringify({ name, summary, usage, example, options }, null, 2)
          : commandHelp(command, context),
      )
      return 0
    },
  }
}
