import { createInterface } from 'node:readline'

import type { LineReader } from './command.ts'

export interface LineStreams {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** Whether a person sits at both ends, who gets a prompt, a history and an editable line. */
  readonly isTty: boolean
}

/** Lines that come while nobody asks are kept; more than so many stop the reading until they are asked for. */
const maxWaitingLines = 1_000

export function createLineReader({ input, output, isTty }: LineStreams): LineReader {
  const lines = createInterface({ input, ...(isTty ? { output, terminal: true } : { terminal: false }) })
  const waiting: string[] = []
  let asking: ((line: string | null) => void) | null = null
  let ended = false

  lines.on('line', (line) => {
    if (asking === null) waiting.push(line)
    else answer(line)
    // On a terminal Ctrl-C comes through the same stream, so that one is never paused.
    if (!isTty && waiting.length >= maxWaitingLines) lines.pause()
  })
  lines.on('close', () => {
    ended = true
    if (asking !== null) answer(null)
  })

  function answer(line: string | null): void {
    const resolve = asking
    asking = null
    resolve?.(line)
  }

  return {
    ask(prompt) {
      const line = waiting.shift()
      if (line !== undefined) return Promise.resolve(line)
      if (ended) return Promise.resolve(null)
      if (isTty) {
        lines.setPrompt(prompt)
        lines.prompt()
      } else {
        lines.resume()
      }
      return new Promise((resolve) => (asking = resolve))
    },
    onInterrupt(listener) {
      lines.on('SIGINT', listener)
    },
    close() {
      lines.close()
    },
  }
}
