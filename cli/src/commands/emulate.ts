import { randomUUID } from 'node:crypto'

import { createEmulator, listenEmulator } from '@anthology/emulator'

import { type Command, UsageError, textOf } from '../command.ts'
import { listenOptions, readPort } from '../settings.ts'
import { untilStopped } from '../stop.ts'

export const command: Command = {
  name: 'emulate',
  summary: 'Start the offline emulator alone, on a port of its own',
  usage: '[--port N] [--host ADDRESS] [--seed TEXT] [--tokens-per-second N] [--key KEY ...]',
  example: 'anthology emulate --port 7272 --tokens-per-second 80',
  options: {
    ...listenOptions,
    seed: { type: 'string', value: 'TEXT', help: 'answers are a function of the request and this seed' },
    'tokens-per-second': { type: 'string', value: 'N', help: 'speed of streams (default: at once)' },
    key: {
      type: 'string',
      value: 'KEY',
      multiple: true,
      help: 'a key that is taken; without one, any key and none',
    },
  },
  async run(context, values) {
    const stopped = untilStopped(context)
    const seed = textOf(values, 'seed')
    const keys = Array.isArray(values['key']) ? values['key'].map(String) : null
    const emulator = createEmulator({
      keepRequests: false,
      idSeed: randomUUID(),
      ...(seed === undefined ? {} : { seed }),
      tokensPerSecond: readSpeed(textOf(values, 'tokens-per-second')),
      keys,
    })
    const port = readPort(textOf(values, 'port')) ?? 7272
    const server = await listenEmulator(emulator, { port, host: textOf(values, 'host') ?? '127.0.0.1' })
    if (values['json'] === true) context.out(JSON.stringify({ url: server.url }))
    else
      context.out(
        `The emulator listens on ${server.url} and takes ${keys === null ? 'any key' : 'the keys given'}. Ctrl-C stops it.`,
      )
    await stopped
    await server.close()
    return 0
  },
}

function readSpeed(text: string | undefined): number {
  if (text === undefined) return 0
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw new UsageError(
    `--tokens-per-second takes a number above 0, not ${JSON.stringify(text)}`,
    'Leave it out to stream at once.',
  )
}
