import { waitForLedger } from '../../gateway/test/running-gateway.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { Emulator, EmulatorOptions } from '@anthology/emulator'
import {
  createAccount,
  createGateway,
  createHttpUpstream,
  defaultLimits,
  openDatabase,
  readLocalKey,
} from '@anthology/gateway'
import type { AwsCredentials, GatewayOptions, UpstreamAccount } from '@anthology/gateway'
import type { Upstream, UpstreamHandle } from '@anthology/wire'
import { onTestFinished } from 'vitest'

import { startAnthology } from '../anthology-process.ts'
import { describeCloud, emulatorCredentials } from '../upstreams/clouds.ts'
import type { CloudName } from '../upstreams/clouds.ts'

/** The setups that a client cannot distinguish. */
export const ways = ['emulator', 'gateway with emulator', 'gateway to process'] as const

export type Way = (typeof ways)[number]

/** A server for a client. */
export interface Target {
  readonly baseUrl: string
  readonly key: string
  /** Another key; null without a gateway, because only a gateway knows the owners of batches and files. */
  readonly otherKey: string | null
  /** The AWS credentials of `key`; null without a gateway. */
  readonly aws: AwsCredentials | null
  /** The rows of the gateway's ledger, newest first; none without a gateway. */
  calls(): readonly Readonly<Record<string, unknown>>[]
  /** Number of responses that the emulator is sending; null if it is another process. */
  running(): number | null
  /** Stops the server and removes its folder. */
  close(): Promise<void>
}

/** Settings of the emulator; in another process only its speed can be set. */
export type TargetOptions = Omit<EmulatorOptions, 'keys'>

export function startTarget(way: Way, options: TargetOptions = {}): Promise<Target> {
  return starters[way](options)
}

/** `anthology serve` as a separate process, with the folder of its ledger and keys. */
export interface Served {
  readonly baseUrl: string
  readonly key: string
  readonly dataFolder: string
  /** Its log so far. */
  log(): string
  close(): Promise<void>
}

/** Starts the whole product, like a user, until the end of the test. */
export async function startServed(): Promise<Served> {
  const dataFolder = await makeFolder()
  const process = await startAnthology(['serve', '--port', '0', '--data', dataFolder], dataFolder)
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => (closing ??= process.close())
  onTestFinished(close)
  return {
    baseUrl: String(process.facts['url']),
    key: String(process.facts['key']),
    dataFolder,
    log: () => process.errors(),
    close,
  }
}

/** A folder for one test, removed at its end, after everything that was started in it later. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(folderName)
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const starters: Readonly<Record<Way, (options: TargetOptions) => Promise<Target>>> = {
  emulator: startEmulator,
  'gateway with emulator': startGatewayWithEmulator,
  'gateway to process': startGatewayBeforeProcess,
}

const folderName = join(tmpdir(), 'anthology-clients-')
const host = '127.0.0.1'
const otherKey = 'sk-anthology-of-somebody-else'
const aws: AwsCredentials = {
  accessKeyId: 'AKIAANTHCLIENTSTESTS',
  secretAccessKey: 'a-secret/of+forty-letters-as-AWS-has-it0',
}

/** A gateway with a test's own upstream, until the end of the test. */
export async function startBefore(
  upstream: Upstream,
  options: Partial<GatewayOptions> = {},
): Promise<Target> {
  const account = { name: 'own', platform: 'anthropic', upstream, secrets: [] } as const
  const gateway = await startGateway(account, options)
  onTestFinished(() => gateway.close())
  return { ...gateway, running: () => null }
}

/** A gateway whose only upstream is the emulator as a cloud, over sockets, until `close`. */
export async function startPlatform(cloud: CloudName): Promise<Omit<Target, 'running'>> {
  const server = await listenEmulator(createEmulator(emulatorCredentials), { port: 0, host })
  const config = describeCloud(cloud, server.url)
  // Regions of Vertex AI serve fewer models.
  const place = config.platform === 'vertex' ? { ...config, location: 'global' } : config
  const gateway = await startGateway(createAccount(place, defaultLimits))
  return {
    ...gateway,
    async close() {
      await gateway.close()
      await server.close()
    },
  }
}

async function startEmulator(options: TargetOptions): Promise<Target> {
  const key = 'sk-ant-the-only-key'
  const { emulator, running } = observe(createEmulator({ ...options, keys: [key] }))
  const server = await listenEmulator(emulator, { port: 0, host })
  const close = (): Promise<void> => server.close()
  return { baseUrl: server.url, key, otherKey: null, aws: null, calls: () => [], running, close }
}

async function startGatewayWithEmulator(options: TargetOptions): Promise<Target> {
  const { emulator, running } = observe(createEmulator(options))
  const gateway = await startGateway({
    name: 'emulator',
    platform: 'anthropic',
    upstream: emulator,
    secrets: [],
  })
  return { ...gateway, running }
}

/** The process accepts one key, which only the gateway has. */
async function startGatewayBeforeProcess({ tokensPerSecond }: TargetOptions): Promise<Target> {
  const key = 'sk-ant-of-the-upstream'
  const speed = tokensPerSecond === undefined ? [] : ['--tokens-per-second', String(tokensPerSecond)]
  const process = await startAnthology(['emulate', '--port', '0', '--key', key, ...speed], tmpdir())
  const upstream = createHttpUpstream({
    baseUrl: String(process.facts['url']),
    credential: { header: 'x-api-key', value: key },
    limits: defaultLimits,
  })
  const close = async (): Promise<void> => {
    await upstream.close()
    await process.close()
  }
  const gateway = await startGateway({
    name: 'process',
    platform: 'anthropic',
    upstream,
    secrets: [key],
    close,
  })
  return { ...gateway, running: () => null }
}

async function startGateway(
  account: UpstreamAccount,
  options: Partial<GatewayOptions> = {},
): Promise<Omit<Target, 'running'>> {
  const dataFolder = await mkdtemp(folderName)
  const secret = readLocalKey(dataFolder)
  const keys = [
    { id: 'local', name: 'local key', secret, aws },
    { id: 'other', name: 'other key', secret: otherKey },
  ]
  const gateway = await createGateway({ accounts: [account], dataFolder, keys, ...options })
  const { url } = await gateway.listen(0, host)
  return {
    baseUrl: url,
    key: secret,
    otherKey,
    aws,
    calls: () => readLedger(dataFolder),
    async close() {
      await gateway.close()
      await rm(dataFolder, { recursive: true })
    },
  }
}

function readLedger(dataFolder: string): readonly Readonly<Record<string, unknown>>[] {
  waitForLedger(dataFolder)
  const database = openDatabase(dataFolder)
  try {
    // Calls of the same millisecond come in the order of their rows.
    const statement = database.prepare(
      'SELECT all_calls.* FROM all_calls JOIN calls USING (id) ORDER BY calls.started_at_ms DESC, seq DESC',
    )
    statement.setReadBigInts(true)
    return statement.all()
  } finally {
    database.close()
  }
}

/** Wraps an emulator, and counts the responses that have not ended. */
function observe(emulator: Emulator): { emulator: Emulator; running: () => number } {
  const open = new Set<object>()

  const send: Emulator['send'] = (request, receiver): UpstreamHandle => {
    const exchange = {}
    open.add(exchange)
    const handle = emulator.send(request, {
      head: (status, headers) => receiver.head(status, headers),
      chunk: (bytes) => receiver.chunk(bytes),
      end() {
        open.delete(exchange)
        receiver.end()
      },
      fail(error) {
        open.delete(exchange)
        receiver.fail(error)
      },
    })
    return {
      resume: () => handle.resume(),
      abort() {
        open.delete(exchange)
        handle.abort()
      },
    }
  }
  return { emulator: { ...emulator, send }, running: () => open.size }
}
