import { minRedactedLength } from '@anthology/gateway'

import { CheckFailure, CheckSkip, sources } from './check.ts'
import type { Check, Row, Target } from './check.ts'
import type { Exchange, Outgoing } from './exchange.ts'

/** Examines a gateway: one check after another, so that they do not disturb each other. */
export async function runChecks(
  checks: readonly Check[],
  target: Target,
  onRow: (row: Row) => void = () => {},
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const check of checks) {
    const row = await runCheck(check, target)
    onRow(row)
    rows.push(row)
  }
  return rows
}

async function runCheck({ id, asks, source, run }: Check, target: Target): Promise<Row> {
  const startedAtMs = performance.now()
  const last = { sent: '', got: '' }
  const watched: Target = {
    ...target,
    send: async (outgoing) => {
      Object.assign(last, { sent: describeRequest(outgoing), got: '' })
      const exchange = await target.send(outgoing)
      last.got = describeAnswer(exchange)
      return exchange
    },
  }
  const finish = (result: Row['result'], because = ''): Row => {
    const tookMs = Math.round(performance.now() - startedAtMs)
    const redact = (text: string): string => hideSecrets(text, target)
    return {
      id,
      asks,
      source: sources[source],
      result,
      because: redact(because),
      sent: redact(last.sent),
      got: redact(last.got),
      tookMs,
    }
  }
  try {
    await run(watched)
    return finish('passed')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof CheckSkip) return finish('skipped', message)
    if (error instanceof CheckFailure) return finish('failed', message)
    return finish('failed', `no answer: ${describeCause(error)}`)
  }
}

function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  return error.message === '' ? code : error.message
}

/** A gateway may echo a credential in its answer. A short one may be an ordinary word, which stays. */
function hideSecrets(text: string, { key, limitedKey, aws }: Target): string {
  const secrets = [key, limitedKey, aws?.secretAccessKey ?? null].filter(
    (secret) => secret !== null && secret.length >= minRedactedLength,
  )
  return secrets.reduce<string>((hidden, secret) => hidden.replaceAll(secret ?? '', '[key]'), text)
}

function describeRequest({ method = 'POST', path, body = '', http2 }: Outgoing): string {
  return `${method} ${path}${http2 === true ? ' (HTTP/2)' : ''} ${shorten(body)}`.trimEnd()
}

function describeAnswer({ status, headers, text }: Exchange): string {
  const type = headers['content-type'] ?? 'no content type'
  return `${status} ${type} ${shorten(text)}`.trimEnd()
}

const maxShownLength = 240

function shorten(text: string): string {
  const line = text.slice(0, maxShownLength).replaceAll(/[^\x20-\x7e]+/g, ' ')
  return text.length > maxShownLength ? `${line}… (${text.length} characters)` : line
}
