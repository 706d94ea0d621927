import type { Context } from './command.ts'

/**
 * Resolves when the process should stop: on Ctrl-C, on SIGTERM, or when the script that started it exits. A
 * second signal ends the process at once.
 */
export function untilStopped(context: Context): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false
    const stop = (signal: string) => {
      if (isStopping) process.exit(signal === 'SIGINT' ? 130 : 143)
      isStopping = true
      context.err('Stopping; running calls finish first. Press Ctrl-C again to stop at once.')
      resolve()
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
    process.once('disconnect', () => {
      if (!isStopping) stop('disconnect')
    })
    // The listener on the channel must not keep the process alive.
    process.channel?.unref()
  })
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
