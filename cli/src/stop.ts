import type { Context } from './command.ts'

/**
 * Resolves when the process is asked to stop: Ctrl-C, SIGTERM, or the death of
 * the script that started it. A second signal ends the process at once.
 */
export function untilStopped(context: Context): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = (signal: string) => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
      asked = true
      context.err('Stopping; calls that run are let to their end (once more to stop at once).')
      resolve()
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
    process.once('disconnect', () => {
      if (!asked) stop('disconnect')
    })
    // Listening for the end of the channel must not keep the process alive after its work.
    process.channel?.unref()
  })
}
