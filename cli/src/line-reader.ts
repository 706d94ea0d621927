import { createInterface } from 'node:readline'

import type { LineReader } from './command.ts'

export interface LineStreams {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** True for a terminal, with a prompt, a history and an editable line. */
  readonly isTty: boolean
}

/** Lines that arrive before they are requested are buffered; above this number, reading is paused. */
const maxWaitingLines = 1_000

export function createLineReader({ input, output, isTty }: LineStreams): LineReader {
  const lines = createInterface({ input, ...(isTty ? { output, terminal: true } : { terminal: false }) })
  const waiting: string[] = []
  let asking: ((line: string | null) => void) | null = null
  let ended = false

  lines.on('line', (line) => {
    if (asking === null) waiting.push(line)
    else answer(line)
    // A terminal's stream is never paused, because it also delivers Ctrl-C.
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
    readLine(prompt) {
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
