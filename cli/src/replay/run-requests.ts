import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { computePrice, formatNanoUsd } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'
import { createGateway, createKey } from '@anthology/gateway'
import type { UpstreamAccount } from '@anthology/gateway'
import type { ReplayedAnswer } from '@anthology/migrate'

/** Sends Messages requests to one upstream, as the gateway does. */
export interface RequestRunner {
  run(body: Readonly<Record<string, unknown>>): Promise<ReplayedAnswer>
  close(): Promise<void>
}

/** Starts a gateway in this process in front of the upstream, with a ledger of its own that is removed afterwards. */
export async function startRunner(account: UpstreamAccount): Promise<RequestRunner> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-replay-'))
  const { secret } = createKey('replay', null, Date.now())
  const gateway = await createGateway({
    accounts: [account],
    dataFolder,
    keys: [{ id: 'replay', name: 'replay', secret }],
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  return {
    run: (body) => send(url, secret, body),
    async close() {
      await gateway.close()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function send(
  url: string,
  key: string,
  body: Readonly<Record<string, unknown>>,
): Promise<ReplayedAnswer> {
  const { stream: _stream, betas, ...plain } = body
  const startedAtMs = performance.now()
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': key,
      'anthropic-version': '2023-06-01',
      ...(Array.isArray(betas) && { 'anthropic-beta': betas.join(',') }),
    },
    body: JSON.stringify(plain),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: parse(text),
    tookMs: performance.now() - startedAtMs,
    costUsd: response.headers.get('x-anthology-cost-usd'),
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return { error: { message: text.slice(0, 200) } }
  }
}

/** A recorded answer as one that was just received, priced by its usage. */
export function toReplayed(
  answer: Omit<ReplayedAnswer, 'costUsd'>,
  model: Model,
  platform: Platform,
): ReplayedAnswer {
  const { usage } = answer.body
  const price = typeof usage === 'object' && usage !== null ? computePrice(usage, model, { platform }) : null
  return { ...answer, costUsd: price?.ok === true ? formatNanoUsd(price.totalNanoUsd) : null }
}
