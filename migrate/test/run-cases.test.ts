import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { resolve } from '@anthology/catalog'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { EmulatorServer } from '@anthology/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { migrateText } from '../src/index.ts'
import { readCases } from './cases.ts'
import type { Case } from './cases.ts'

// The programs are really run: their requests go to an emulator that refuses what the API of the target refuses.

const run = promisify(execFile)
const clients = join(import.meta.dirname, 'clients')
const day = '2026-11-29'
const emulator = createEmulator({ lifecycle: 'enforce', asOf: day })
let server: EmulatorServer
let folder: string

beforeAll(async () => {
  server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  folder = mkdtempSync(join(tmpdir(), 'migrate-'))
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each(readCases().filter(({ expected }) => expected.run !== undefined))(
  'the target accepts every request that $name sends to it after the edits',
  async (each) => {
    emulator.reset()
    await runProgram(each)

    const sent = emulator.requests.filter(({ path }) => path === '/v1/messages')
    const toTarget = sent.filter((request) => getModel(request.json()) === requireId(each.expected.to))
    expect(toTarget.length + listHeld(each).length).toBeGreaterThan(0)
    expect(toTarget.filter(({ status }) => status !== 200).map((request) => request.json())).toEqual([])
    // Every other request is one that the report names, because no edit makes the target accept it.
    expect(sent.length - toTarget.length).toBeLessThanOrEqual(listHeld(each).length)
  },
)

/** The places that keep their model, because the target would refuse their calls. */
function listHeld({ expected }: Case) {
  return expected.places.filter(
    ({ class: kind, after, code }) => kind === 'call' && after === null && code.startsWith('model_'),
  )
}

async function runProgram({ name, files, expected }: Case): Promise<void> {
  const place = join(folder, name)
  for (const [path, text] of files) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), migrateText(path, text, { target: requireModel(expected.to), day }).text)
  }
  const program = expected.run ?? ''
  const isPython = program.endsWith('.py')
  const hooks = join(clients, 'register.mjs')
  const [file, args] = isPython ? ['python3', [program]] : [process.execPath, ['--import', hooks, program]]
  await run(file, args, {
    cwd: place,
    env: {
      ...process.env,
      ANTHROPIC_BASE_URL: server.url,
      PYTHONPATH: clients,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  })
}

function requireModel(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model ${name}`)
  return found.model
}

function getModel(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'model' in body ? body.model : null
}

function requireId(name: string): string {
  return requireModel(name).id
}
