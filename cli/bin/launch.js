// Starts a program in place of this one. Plain JavaScript without dependencies, because any Node >= 20 runs it.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Signals that end a server; a launcher forwards them. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * A terminal and npm may each send the same stop: signals within this time are one. A program that is already exiting
 * on the first one no longer handles the second, which would kill it.
 */
const sameStopMs = 500

/** npm may be killed, or end its shell but not the program in it, without a signal to this process. */
const parentPollMs = 500

/**
 * Runs a program to its end and forwards signals to it. A Node program gets an IPC channel, whose end shows it that
 * this process is gone, even after SIGKILL. Rejects if the program cannot be started.
 */
export function launch(file, args, { isNode = true, ...options }) {
  return new Promise((resolve, reject) => {
    const stdio = options.stdio ?? ['inherit', 'inherit', 'inherit', ...(isNode ? ['ipc'] : [])]
    const child = spawn(file, args, { ...options, stdio })
    // The channel is only a sign of life. It must not keep this process running.
    child.channel?.unref()
    let forwardedAtMs = -sameStopMs
    const forward = (signal) => {
      if (performance.now() - forwardedAtMs < sameStopMs) return
      forwardedAtMs = performance.now()
      child.kill(signal)
    }
    for (const signal of stopSignals) process.on(signal, forward)
    const watch = watchParent(() => forward('SIGTERM'))
    const release = () => {
      for (const signal of stopSignals) process.off(signal, forward)
      clearInterval(watch)
    }
    child.on('error', (error) => {
      release()
      reject(error)
    })
    child.on('exit', (code, signal) => {
      release()
      resolve({ code, signal })
    })
  })
}

/** Ends this process like the program: with its exit code, or by its signal. */
export function endLike({ code, signal }) {
  if (signal === null) process.exit(code)
  process.kill(process.pid, signal)
  // Windows has no signals, and a signal may be ignored.
  setTimeout(() => process.exit(1), 1_000)
}

/**
 * Calls `onGone` once the parent process has exited, if npm started this one. Other parents, such as a shell with a
 * background job, may exit before it. Null without npm.
 */
function watchParent(onGone) {
  if ((process.env['npm_command'] ?? '') === '') return null
  const parents = readParents()
  const timer = setInterval(() => {
    if (readParents() === parents) return
    clearInterval(timer)
    onGone()
  }, parentPollMs)
  timer.unref()
  return timer
}

/** The parent process, and if that is npm's shell, which outlives npm, also its parent (on Linux). */
function readParents() {
  const { ppid } = process
  try {
    const stat = readFileSync(`/proc/${ppid}/stat`, 'utf8')
    return `${ppid} ${/ \((?:sh|bash|dash)\) \w (\d+) /.exec(stat)?.[1] ?? ''}`
  } catch {
    return `${ppid} `
  }
}
