import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

/** A server process that accepts requests. */
export interface Child {
  readonly pid: number
  /** The first line of its output, if it prints one when it is ready. */
  readonly firstLine: string
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  /** Its working folder, which also contains its log file. */
  readonly folder: string
  /** The port on which it will listen. Omit it if the server prints a line of JSON when it listens. */
  readonly port?: number
  /** Extra environment variables, in addition to the inherited ones. */
  readonly env?: Readonly<Record<string, string>>
}

const readyMs = 20_000
const stopMs = 5_000
const running = new Set<ChildProcess>()

// No child process may outlive this one.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export async function startChild({ name, file, args, folder, port, env }: ChildOptions): Promise<Child> {
  const logFile = join(folder, `${name}.log`)
  const output = openSync(logFile, 'a')
  // The IPC channel lets our own servers notice that this process is gone, even if it was killed.
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', port === undefined ? 'pipe' : output, output, 'ipc'],
  })
  closeSync(output)
  running.add(child)
  const exited = once(child, 'exit')
  void exited.catch(() => {}).finally(() => running.delete(child))
  let isStopping = false
  const ended = exited.then(([code, signal]) => {
    if (isStopping) return ''
    const log = readFileSync(logFile, 'utf8').slice(-2_000)
    throw new Error(`${name} exited unexpectedly (${code ?? signal}):\n${log}`)
  })
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), readyMs)
  const firstLine = await Promise.race([
    port === undefined ? readLine(child, late.signal) : untilListening(port, late.signal),
    ended,
  ]).finally(() => clearTimeout(timer))
  return {
    pid: child.pid ?? 0,
    firstLine,
    async stop() {
      isStopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const cutOff = setTimeout(() => child.kill('SIGKILL'), stopMs)
      child.kill('SIGTERM')
      await exited
      clearTimeout(cutOff)
    },
  }
}

export async function stopAll(): Promise<void> {
  const children = [...running]
  for (const child of children) child.kill('SIGKILL')
  const alive = children.filter((child) => child.exitCode === null && child.signalCode === null)
  await Promise.all(alive.map((child) => once(child, 'exit')))
}

/** Returns a port that was free a moment ago, for servers that cannot choose one. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a server on a port has a port')
  return address.port
}

async function readLine(child: ChildProcess, signal: AbortSignal): Promise<string> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    // Later output is read and discarded, so that the pipe never fills.
    if (!text.includes('\n')) text += part
  })
  while (!text.includes('\n')) {
    signal.throwIfAborted()
    await pause(10)
  }
  return text.slice(0, text.indexOf('\n'))
}

async function untilListening(port: number, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted()
    if (await accepts(port)) return ''
    await pause(50)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** The environment without the user's settings and credentials. */
function cleanEnvironment(): Record<string, string | undefined> {
  const entries = Object.entries(process.env)
  return Object.fromEntries(
    entries.filter(([name]) => !/^(?:ANTHOLOGY|ANTHROPIC|OTEL|NODE_OPTIONS)/.test(name)),
  )
}
