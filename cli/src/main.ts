import { isatty } from 'node:tty'
import manifest from '../package.json' with { type: 'json' }
import type { Context } from './command.ts'
import { UsageError } from './command.ts'
import { commands } from './commands.ts'
import { createLineReader } from './line-reader.ts'
import { runCli } from './run.ts'

const stdinLimitBytes = 32 * 1024 * 1024
const { stdin, stdout, stderr } = process

/** The variables without white space around them: a secret that was read from a file often ends with a line break. */
const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value?.trim()]))

/** The only place that reads the environment; commands receive it as `env`. */
const context: Context = {
  out: (text) => void stdout.write(`${text}\n`),
  err: (text) => void stderr.write(`${text}\n`),
  write: (text) => void stdout.write(text),
  stdin: readStdin,
  openLines: () => createLineReader({ input: stdin, output: stdout, isTty: isatty(0) && isatty(1) }),
  env,
  cwd: process.cwd(),
  isTty: isatty(1),
  stdinIsTty: isatty(0),
  columns: readColumns(env['COLUMNS']) ?? readColumns(String(stdout.columns)) ?? 80,
  color: isatty(1) && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
}

// A closed pipe, as in `anthology models | head`, is not an error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  stderr.write(`anthology: standard output cannot be written: ${error.message}\n`)
  process.exit(1)
})

process.exitCode = await runCli(process.argv.slice(2), context, { version: manifest.version, commands })

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > stdinLimitBytes)
      throw new UsageError('standard input is larger than 32 MB', 'Send less input.')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readColumns(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined
}
