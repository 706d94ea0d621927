import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { Aim } from './sdks.ts'

/** A server as an Anthropic API with a key, or the environment variables that select it, such as those of a cloud. */
export type Direction = Aim | Variables

export interface Variables {
  readonly variables: Readonly<Record<string, string>>
  /** The longest run, for a slow server. */
  readonly maxMs?: number
}

/** Claude Code's working folder and its home folder. */
export interface Workplace {
  readonly folder: string
  readonly home: string
}

/** The output of one run in print mode; fails if there is no result. */
export interface Printed {
  readonly exitCode: unknown
  readonly output: string
  readonly errors: string
}

/** Creates the two folders, and removes them at the end of the test. */
export async function makeWorkplace(): Promise<Workplace> {
  const parent = await mkdtemp(join(tmpdir(), 'anthology-claude-code-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const workplace = { folder: join(parent, 'work'), home: join(parent, 'home') }
  for (const folder of Object.values(workplace)) await mkdir(folder)
  return workplace
}

/** Command-line flags, without dashes; true for a flag without a value. */
export type Flags = Readonly<Record<string, string | true>>

/** Runs the native binary with only one server configured, and waits for its exit. */
export async function runClaudeCode(
  aim: Direction,
  workplace: Workplace,
  prompt: string,
  flags: Flags,
): Promise<Printed> {
  const args = Object.entries(flags).flatMap(([name, value]) => [
    `--${name}`,
    ...(value === true ? [] : [value]),
  ])
  const child = spawn(binary, ['--print', prompt, ...args], {
    cwd: workplace.folder,
    env: environmentFor(aim, workplace),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ('maxMs' in aim ? aim.maxMs : undefined) ?? maxRunMs,
    killSignal: 'SIGKILL',
  })
  const printed = { output: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (part: string) => (printed.output += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (printed.errors += part))
  const [exitCode] = await once(child, 'close')
  return { exitCode, ...printed }
}

const packageFile = createRequire(import.meta.url).resolve('@anthropic-ai/claude-code/package.json')

/** Its install script puts the platform's binary here, under the same name on all platforms. */
const binary = join(dirname(packageFile), 'bin', 'claude.exe')

const maxRunMs = 50_000

/** An environment without the user's credentials and settings. */
function environmentFor(aim: Direction, { folder, home }: Workplace): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    USERPROFILE: home,
    TMPDIR: home,
    PWD: folder,
    CLAUDE_CONFIG_DIR: join(home, 'claude'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    ...getVariables(aim),
  }
}

function getVariables(aim: Direction): Readonly<Record<string, string>> {
  return 'variables' in aim
    ? aim.variables
    : { ANTHROPIC_BASE_URL: aim.baseUrl, ANTHROPIC_AUTH_TOKEN: aim.key }
}
