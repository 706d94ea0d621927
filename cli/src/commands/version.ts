import type { Command, Program } from '../command.ts'

export function createCommand({ version }: Program): Command {
  return {
    name: 'version',
    summary: 'Print the version',
    usage: '',
    example: 'anthology version',
    options: {},
    withoutWords: 'See anthology version --help.',
    async run(context, values) {
      context.out(values['json'] === true ? JSON.stringify({ version }) : version)
      return 0
    },
  }
}
