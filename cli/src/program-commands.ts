import type { CommandEntry, Program } from './command.ts'

/** All commands: those of the table, and those that need the table themselves. */
export function listCommands(program: Program): readonly CommandEntry[] {
  return [
    ...program.commands,
    {
      name: 'completion',
      summary: 'Print a completion script for bash, zsh or fish',
      load: async () => ({ command: (await import('./commands/completion.ts')).createCommand(program) }),
    },
    {
      name: 'help',
      summary: 'Show the commands, or explain one',
      load: async () => ({ command: (await import('./commands/help.ts')).createCommand(program) }),
    },
    {
      name: 'version',
      summary: 'Print the version',
      load: async () => ({ command: (await import('./commands/version.ts')).createCommand(program) }),
    },
  ]
}
