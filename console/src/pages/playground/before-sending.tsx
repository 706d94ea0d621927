import type { Model } from '@anthology/catalog'
import { useRef, useState } from 'react'

import { formatCount } from '../../parts/format.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { CreatedRequest } from './create-request.ts'
import { findProblems } from './model-options.ts'
import { getPlaygroundKey } from './playground-key.ts'
import { estimate } from './price-estimate.ts'
import type { Estimate } from './price-estimate.ts'
import { countTokens } from './run.ts'

interface BeforeSendingProps {
  readonly model: Model
  readonly created: CreatedRequest
}

/** Shows the objections of the API to the request, and its price. */
export function BeforeSending({ model, created }: BeforeSendingProps) {
  const [count, setCount] = useState<{
    readonly body: string
    readonly text: string
    readonly tokens?: number
  }>()
  const latest = useRef<string>(null)
  const body = created.ok ? JSON.stringify(created.body) : ''
  // A count is of one request; the next edit makes it old.
  const current = count?.body === body ? count : undefined
  const price = estimate(created, model, current?.tokens)
  const countNow = async () => {
    if (!created.ok) return
    latest.current = body
    // The answer to an earlier click must not take the place of a later one.
    const show = (text: string, tokens?: number) => {
      if (latest.current === body) setCount({ body, text, ...(tokens !== undefined && { tokens }) })
    }
    try {
      const signal = AbortSignal.timeout(60_000)
      const tokens = await countTokens({ ...created, key: await getPlaygroundKey(), signal })
      show(texts.counted(formatCount(tokens)), tokens)
    } catch (error) {
      show(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <div className="stack small">
      <Findings model={model} created={created} />
      {price.ok ? <Prices price={price} model={model} /> : <p className="muted">{price.detail}</p>}
      {price.ok && price.notes.length > 0 && (
        <details>
          <summary className="muted">{texts.assumptions}</summary>
          <ul>
            {price.notes.map((note) => (
              <li key={note} className="muted">
                {note}
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className="row">
        <button
          type="button"
          className="button small"
          aria-label={`${texts.count}: ${model.displayName}`}
          onClick={() => void countNow()}
        >
          {texts.count}
        </button>
        <span role="status">{current?.text}</span>
      </div>
    </div>
  )
}

interface PricesProps {
  readonly price: Extract<Estimate, { ok: true }>
  readonly model: Model
}

/** The price of the prompt without the cache and with it, and the price of the longest answer. */
function Prices({ price: { prompt, promptAtMost, output }, model }: PricesProps) {
  const answer = texts.outputUpTo(output.usd, formatCount(output.tokens))
  if (prompt === null)
    return (
      <dl className="prices">
        <dt>{texts.prompt}</dt>
        <dd>{texts.promptAtMost(promptAtMost.usd, formatCount(promptAtMost.tokens))}</dd>
        <dt>{texts.output}</dt>
        <dd>{answer}</dd>
      </dl>
    )
  const { miss, hit, cached } = prompt
  const isPart = cached === 'part'
  return (
    <>
      <dl className="prices">
        <dt>{texts.cacheMiss}</dt>
        <dd>{`${texts.promptPrice(isPart ? texts.atMost(miss) : miss)}, ${answer}`}</dd>
        <dt>{texts.cacheHit}</dt>
        <dd>
          {hit === null
            ? texts.nothingCached[cached === 'too_short' ? cached : 'no_breakpoint']
            : `${texts.promptPrice(isPart ? texts.atLeast(hit) : hit)}, ${answer}`}
        </dd>
      </dl>
      {isPart && <p className="muted">{texts.cachedPart}</p>}
      {cached === 'too_short' && (
        <p className="muted">{texts.cacheFrom(model.displayName, formatCount(model.minCacheableTokens))}</p>
      )}
    </>
  )
}

function Findings({ model, created }: BeforeSendingProps) {
  if (!created.ok)
    return (
      <p className="notice bad" role="alert">
        {created.problem}
      </p>
    )
  // The column says above that the model is retired.
  const findings = findProblems(created, model).filter(({ code }) => code !== 'model_retired')
  if (findings.length === 0) return null
  return (
    <ul className="stack" aria-label={texts.check}>
      {findings.map(({ code, severity, status, message, hint }) => (
        <li key={code} className={severity === 'error' ? 'notice bad' : 'notice warn'}>
          {severity === 'error' && <strong>{status} </strong>}
          {message}
          {hint !== '' && <span className="block muted">{hint}</span>}
        </li>
      ))}
    </ul>
  )
}
