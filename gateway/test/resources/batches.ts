import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createKey } from '../../src/auth/key-ring.ts'
import { insertKey } from '../stored-keys.ts'
import { ask } from '../http-client.ts'
import type { Answer, Asking } from '../http-client.ts'
import { localKey, startGateway, temporaryFolder, usual, waitForLedger } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { opus } from '../samples.ts'
import { startKeepingUpstream } from './keeping-upstream.ts'
import type { KeepingUpstream } from './keeping-upstream.ts'

export const otherKey = 'sk-anthology-other-key-of-the-tests'

export const haiku = 'claude-3-haiku-20240307'

/** Two keys that may use every model. */
const keys = [
  { id: 'key_local', name: 'local', secret: localKey },
  { id: 'key_other', name: 'other', secret: otherKey },
]

export interface Both {
  readonly gateway: RunningGateway
  readonly upstream: KeepingUpstream
}

/** A gateway in front of an upstream that stores batches and files; without the sweeper unless a test sets it. */
export async function startBoth(options: StartOptions = {}): Promise<Both> {
  const upstream = await startKeepingUpstream()
  const gateway = await startGateway({ upstreamUrl: upstream.url, keys, ...options })
  return { gateway, upstream }
}

/** Creates a data folder with a key for some models; returns its secret. */
export function folderWithKey(models: readonly string[]): { dataFolder: string; secret: string } {
  const dataFolder = temporaryFolder()
  const database = openDatabase(dataFolder)
  const { secret, record } = createKey('scoped', models, 1)
  insertKey(database, record)
  database.close()
  return { dataFolder, secret }
}

/** Sends a request, by default with the local key. */
export function sendRequest(
  gateway: { readonly url: string },
  method: string,
  path: string,
  asking: Asking & { key?: string } = {},
): Promise<Answer> {
  const { key = localKey, headers, ...rest } = asking
  return ask(gateway.url + path, { method, ...rest, headers: { ...usual, 'x-api-key': key, ...headers } })
}

/** A batch with one request per model, with whitespace that no JSON printer writes. */
export function batchBody(models: readonly string[] = [opus]): string {
  const resources = models.map(
    (model, index) =>
      ` {"custom_id":"item-${index}", "params": {"max_tokens":9, "model" : "${model}","messages":[{"role":"user","content":"caf\\u00e9"}]}}`,
  )
  return `{ "requests":[${resources.join(' ,')}]\n}`
}

export async function createBatch(
  { gateway, upstream }: Both,
  given: { models?: readonly string[]; key?: string; headers?: Record<string, string> } = {},
): Promise<string> {
  const { models = [opus], ...asking } = given
  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', {
    body: batchBody(models),
    ...asking,
  })
  if (answer.status !== 200) throw new Error(`the batch was refused: ${answer.text}`)
  return upstream.ids.at(-1) ?? ''
}

/** A result line, by default of 1,000 input and 100 output tokens. */
export function succeeded(
  customId: string,
  { model = opus, input = 1_000, output = 100, text = 'ok' } = {},
): string {
  return `{"custom_id":"${customId}", "result":{"type":"succeeded","message":{"id":"msg_${customId}","type":"message","role":"assistant","model":"${model}","content":[{"type":"text","text":"${text}"}],"stop_reason":"end_turn","usage":{"input_tokens":${input},"output_tokens":${output},"service_tier":"batch"}}}}`
}

export const errored =
  '{"custom_id":"bad","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"no"}}}}'

/** On Opus 4.1 at half of $15 and $75: 1,000 x 7,500 + 100 x 37,500 nano-dollars. */
export const succeededNanoUsd = 11_250_000

export interface StoredItem {
  readonly id: string
  readonly key_id: string
  readonly kind: string
  readonly upstream: string
  readonly settled_at_ms: number | null
  readonly models: string
}

/** The table as another process reads it. */
export function storedItems({ dataFolder }: { readonly dataFolder: string }): readonly StoredItem[] {
  waitForLedger(dataFolder)
  const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { readOnly: true })
  try {
    // The columns of the table are TEXT and INTEGER, and the query names them.
    return database
      .prepare('SELECT id, key_id, kind, upstream, settled_at_ms, models FROM resources ORDER BY seq')
      .all() as unknown as StoredItem[]
  } finally {
    database.close()
  }
}
