import { adminOptions, askAdmin, readAdminServer } from '../admin-server.ts'
import { CliError } from '../command.ts'
import type { Command } from '../command.ts'
import { listenOptions } from '../listen-options.ts'
import { createSignInLink } from '../server-address.ts'
import { dataOptions } from '../settings.ts'

export const command: Command = {
  name: 'console',
  summary: 'Print a link that signs a browser in at the console once',
  usage: '[--data DIR] [--url URL] [--admin-key KEY]',
  example: 'anthology console',
  options: {
    ...adminOptions,
    ...dataOptions,
    port: { ...listenOptions.port, help: 'port of the server (ANTHOLOGY_PORT)' },
    host: { ...listenOptions.host, help: 'address of the server (default 127.0.0.1)' },
  },
  withoutWords: 'See anthology console --help.',
  async run(context, values) {
    const server = readAdminServer(context, values)
    const { ok, value } = await askAdmin(server, '/admin/v1/console-links', { method: 'POST' })
    const { token, expires_at: expiresAt } = value
    if (!ok || typeof token !== 'string' || typeof expiresAt !== 'string')
      throw new CliError(
        `${server.url} created no link: ${typeof value['detail'] === 'string' ? value['detail'] : 'unknown answer'}`,
        'Check that the server has the same version.',
      )
    const link = createSignInLink(server.url, token)
    context.out(values['json'] === true ? JSON.stringify({ link, expires_at: expiresAt }) : link)
    return 0
  },
}
