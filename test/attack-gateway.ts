import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator } from '@anthology/emulator'
import { createGateway } from '@anthology/gateway'
import type { Limits } from '@anthology/gateway'

import { testCertificate } from '../gateway/test/port/certificate.ts'

// A gateway with the emulator in a separate process, to measure its memory: node attack-gateway.ts SETUP

export interface AttackedSetup {
  readonly limits: Partial<Limits>
  readonly tls: boolean
  readonly key: string
}

export interface AttackedReport {
  readonly rssBytes: number
  /** The maximum since the previous report. */
  readonly peakBytes: number
  readonly counts: ReturnType<Awaited<ReturnType<typeof createGateway>>['counts']>
}

// The test that starts this process writes it.
const { limits, tls, key } = JSON.parse(process.argv[2] ?? '') as AttackedSetup
const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-attacked-'))
const emulator = createEmulator({ keepRequests: false })
const gateway = await createGateway({
  accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
  keys: [{ id: 'key_local', name: 'local', secret: key }],
  dataFolder,
  limits,
  tls: tls ? testCertificate : undefined,
})
const { port } = await gateway.listen(0, '127.0.0.1')

let peakBytes = 0
const look = (): void => void (peakBytes = Math.max(peakBytes, process.memoryUsage.rss()))
setInterval(look, 20)
process.on('message', () => {
  look()
  const report: AttackedReport = {
    rssBytes: process.memoryUsage.rss(),
    peakBytes,
    counts: gateway.counts(),
  }
  process.send?.(report)
  peakBytes = 0
})
// It must exit with the tests, even if they are killed.
process.once('disconnect', () => {
  rmSync(dataFolder, { recursive: true, force: true })
  process.exit()
})
process.send?.({ port })
