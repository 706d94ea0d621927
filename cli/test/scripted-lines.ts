import type { LineReader } from '../src/index.ts'

export type ScriptedLines = LineReader & {
  /** The prompts shown, in order. */
  readonly prompts: readonly string[]
  /** Simulates Ctrl-C. */
  interrupt(): void
}

/** Simulates a user who types the lines in order, and then closes the input. */
export function scriptLines(lines: readonly (string | (() => string))[]): ScriptedLines {
  const [left, prompts] = [[...lines], [] as string[]]
  const listeners: (() => void)[] = []
  let closed = false
  return {
    prompts,
    readLine(prompt) {
      prompts.push(prompt)
      const next = closed ? undefined : left.shift()
      return Promise.resolve(typeof next === 'function' ? next() : (next ?? null))
    },
    onInterrupt: (listener) => void listeners.push(listener),
    interrupt: () => listeners.forEach((listener) => listener()),
    close: () => {
      closed = true
    },
  }
}
