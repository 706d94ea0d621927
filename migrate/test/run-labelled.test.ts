import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { resolve } from '@anthology/catalog'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { Emulator, EmulatorServer } from '@anthology/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createProgram, migrateText } from '../src/index.ts'
import { readLabelledCases } from './labels.ts'
import type { LabelledCase } from './labels.ts'

// The labelled programs are really run after the edits, on three platforms, against an emulator of the day of their
// target. Programs of Go run with ANTHOLOGY_TEST_GO=1: its first run compiles an HTTP client on all cores for half a minute.

const run = promisify(execFile)
const clients = join(import.meta.dirname, 'clients')
const today = '2026-11-29'
/** Where the packages of Go install it, which is often missing in PATH. */
const path = [process.env['PATH'] ?? '', '/usr/local/go/bin'].join(delimiter)
const cases = readLabelledCases().filter((each) => each.run !== undefined)
const emulators = new Map<string, { readonly emulator: Emulator; readonly server: EmulatorServer }>()
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelled-'))
  for (const asOf of new Set(cases.map((each) => each.asOf ?? today))) {
    const emulator = createEmulator({ lifecycle: 'enforce', asOf })
    emulators.set(asOf, { emulator, server: await listenEmulator(emulator, { port: 0, host: '127.0.0.1' }) })
  }
})

afterAll(async () => {
  for (const { server } of emulators.values()) await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const programs = cases.map((each) => {
  const reason = whyNot(toCommand(each.run ?? '').command)
  return { each, reason, label: reason === null ? each.name : `${each.name} (not run: ${reason})` }
})

test.each(programs)('the target accepts every request of $label', { timeout: 400_000 }, async (program) => {
  const { each, reason } = program
  if (reason !== null) return
  const { command, args } = toCommand(each.run ?? '')
  const { emulator, server } = emulators.get(each.asOf ?? today) ?? {}
  if (emulator === undefined || server === undefined) throw new Error('no emulator for the day')
  emulator.reset()

  await run(command, args, { cwd: writeMigrated(each), env: toEnvironment(server.url) })

  const sent = emulator.requests.map((request) => ({
    model: readModel(request.path, request.json()),
    status: request.status,
  }))
  expect(sent.length).toBeGreaterThan(0)
  expect(sent.filter(({ model, status }) => model !== each.to || status !== 200)).toEqual([])
})

function writeMigrated({ name, files, to }: LabelledCase): string {
  const found = resolve(to)
  if (!found.ok) throw new Error(`no model ${to}`)
  const program = createProgram(files)
  for (const [file, text] of files) {
    const place = join(folder, name, file)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, migrateText(file, text, { target: found.model, day: today }, program).text)
  }
  return join(folder, name)
}

function toCommand(program: string): { readonly command: string; readonly args: readonly string[] } {
  if (program.endsWith('.py')) return { command: 'python3', args: [program] }
  if (program.endsWith('.go')) return { command: 'go', args: ['run', program] }
  if (program.endsWith('.java')) return { command: 'java', args: [program] }
  return { command: process.execPath, args: ['--import', join(clients, 'register.mjs'), program] }
}

/** The reason that the programs of a language are not run here; null if they are. */
function whyNot(command: string): string | null {
  if (command === 'go' && process.env['ANTHOLOGY_TEST_GO'] !== '1') return 'ANTHOLOGY_TEST_GO is not 1'
  const { error } = spawnSync(command, ['version'], { env: { ...process.env, PATH: path } })
  return error === undefined ? null : `no ${command}`
}

function toEnvironment(url: string) {
  return {
    ...process.env,
    PATH: path,
    ANTHROPIC_BASE_URL: url,
    // Without C, Go compiles less.
    CGO_ENABLED: '0',
    PYTHONPATH: clients,
    PYTHONDONTWRITEBYTECODE: '1',
  }
}

/** The id of the model that a request names, in its path on Bedrock and Google Cloud. */
function readModel(requestPath: string, body: unknown): string | null {
  const [, inPath] = /\/models?\/([^/:]+(?:[:%][^/]*(?=\/))?)/.exec(requestPath) ?? []
  const inBody = typeof body === 'object' && body !== null && 'model' in body ? body.model : null
  const name = inPath === undefined ? inBody : decodeURIComponent(inPath)
  const found = typeof name === 'string' ? resolve(name) : null
  return found?.ok === true ? found.model.id : null
}
