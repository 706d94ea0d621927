import { createEmulator, listenEmulator } from '@anthology/emulator'
import { onTestFinished } from 'vitest'

import { startUpstream } from '../recording-upstream.ts'
import type { RecordingUpstream } from '../recording-upstream.ts'

/** The name under which the upstream serves a model of the emulator. */
export const foreignName = 'qwen3-coder'
const emulatedName = 'claude-haiku-4-5-20251001'

/** A server that offers a model of the emulator under another name, and no other model; closed at the end of the test. */
export async function startRenamingUpstream(): Promise<RecordingUpstream> {
  const emulator = createEmulator()
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  return startUpstream(async (response, { target, headers, body }) => {
    const text = body.toString()
    const named = /"model"\s*:\s*"([^"]*)"/.exec(text)?.[1]
    if (named !== foreignName) {
      response.writeHead(404, { 'content-type': 'application/json' })
      const error = { type: 'not_found_error', message: `model: ${named}` }
      return void response.end(JSON.stringify({ type: 'error', error }))
    }
    const answer = await fetch(server.url + target, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'anthropic-version': String(headers['anthropic-version']),
      },
      body: text.replaceAll(foreignName, emulatedName),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end((await answer.text()).replaceAll(emulatedName, foreignName))
  })
}
