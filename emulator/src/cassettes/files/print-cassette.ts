import type { RecordedExchange } from '../cassette.ts'
import { printYaml } from './print-yaml.ts'

/** Prints an exchange as an item of the list in its cassette. The order of the members is always the same. */
export function printExchange({ request, response, ...exchange }: RecordedExchange): string {
  return printYaml([
    {
      ...pick(exchange, ['recorded', 'catalog']),
      request: pick(request, requestMembers),
      response: pick(response, responseMembers),
    },
  ])
}

/** Prints a cassette from its printed exchanges. */
export function printCassette(conversation: string, exchanges: readonly string[]): string {
  return `${introduction}${printYaml({ version: 1, conversation })}exchanges:\n${exchanges.join('')}`
}

const introduction =
  '# Recorded by Anthology (emulator/cassette.schema.json). Secrets are replaced by [redacted].\n'

const requestMembers = [
  'protocol',
  'endpoint',
  'method',
  'path',
  'stream',
  'model',
  'turn',
  'last_user',
  'tool_results',
  'media_hash',
  'prefill',
  'tools',
  'system_hash',
  'tools_hash',
  'output_hash',
  'betas',
  'body_hash',
  'body',
] as const
const responseMembers = ['status', 'headers', 'at_ms', 'body', 'base64', 'note', 'events'] as const

/** Members in this order; those that are missing are left out. */
function pick<Value extends object>(value: Value, names: readonly (keyof Value)[]): Partial<Value> {
  const picked: Partial<Value> = {}
  for (const name of names) if (value[name] !== undefined) picked[name] = value[name]
  return picked
}
