import { UsageError } from './command.ts'
import type { Option } from './command.ts'

export const defaultPort = 7171

export const listenOptions = {
  port: {
    type: 'string',
    value: 'N',
    help: `port to listen on (ANTHOLOGY_PORT, default ${defaultPort})`,
  },
  host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default 127.0.0.1)' },
} as const satisfies Record<string, Option>

export function readPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UsageError(
    `${JSON.stringify(text)} is not a port`,
    'A port is a number from 0 to 65535; 0 selects a free one.',
  )
}

/** The address without the brackets that an IPv6 address has in a URL. */
export function readHost(text: string | undefined): string | undefined {
  return text?.replace(/^\[(.+)\]$/, '$1')
}
