import { readFileSync, rmSync } from 'node:fs'

import type { Context } from './command.ts'

/** A terminal, npm and our own launcher may each send the same stop: signals within this time are one. */
const sameStopMs = 500

/**
 * The process runs at least this long after the first signal, to receive the other ones of the same stop. Without its
 * handlers, which are gone while a process ends, such a signal would kill it.
 */
const lastSignalMs = 100

/** Interval of the check that the parent process still runs. */
const parentPollMs = 500

/** As a shell reports a program that a signal ended: 128 and the signal's number. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/**
 * Calls `onGone` once the parent has exited. Some versions of npm end at a signal without passing it on, and
 * none can pass on SIGKILL. Other parents, such as the shell of a background job, may exit before the server.
 */
function watchParent(onGone: () => void): void {
  const parents = readParents()
  const timer = setInterval(() => {
    if (readParents() === parents) return
    clearInterval(timer)
    onGone()
  }, parentPollMs)
  timer.unref()
}

/** The parent process, and if that is npm's shell, which outlives npm, also its parent (on Linux). */
function readParents(): string {
  const { ppid } = process
  try {
    const stat = readFileSync(`/proc/${ppid}/stat`, 'utf8')
    return `${ppid} ${/ \((?:sh|bash|dash)\) \w (\d+) /.exec(stat)?.[1] ?? ''}`
  } catch {
    return `${ppid} `
  }
}

/**
 * Resolves when the process should stop: on SIGINT (Ctrl-C), SIGTERM or SIGHUP, or when the program that
 * started it is gone; then prints `message`. A second signal ends the process at once.
 */
export function untilStopped(context: Context, message: string): Promise<void> {
  return new Promise((resolve) => {
    let stoppingSinceMs: number | null = null
    const stop = (): void => {
      if (stoppingSinceMs !== null) return
      stoppingSinceMs = performance.now()
      context.err(message)
      setTimeout(() => {}, lastSignalMs)
      resolve()
    }
    const onSignal = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void => {
      if (stoppingSinceMs !== null && performance.now() - stoppingSinceMs > sameStopMs)
        process.exit(exitCodes[signal])
      stop()
    }
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal)
    process.once('disconnect', stop)
    // The listener on the channel must not keep the process alive.
    process.channel?.unref()
    if ((context.env['npm_command'] ?? '') !== '') watchParent(stop)
  })
}

/** Runs work that names its folder: a signal that ends the process removes that folder, and `message` is printed. */
export async function removeAtSignal<Result>(
  context: Context,
  message: string,
  work: (onFolder: (folder: string) => void) => Promise<Result>,
): Promise<Result> {
  const folders: string[] = []
  const onSignal = (signal: keyof typeof exitCodes): void => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    context.err(message)
    process.exit(exitCodes[signal])
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  try {
    return await work((folder) => {
      folders.push(folder)
      for (const signal of signals) process.on(signal, onSignal)
    })
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
  }
}

/**
 * Ends the process if it is still running after this time. Closing has a limit for
 * each of its steps; this is the limit for what nobody thought of.
 */
export function endAfter(context: Context, ms: number): void {
  const end = () => {
    context.err(`Not stopped within ${ms / 1_000} seconds; ending at once.`)
    process.exit(1)
  }
  // The timer alone must not keep the process alive.
  setTimeout(end, ms).unref()
}
