import type { Model } from '@anthology/catalog'
import { Link } from '@tanstack/react-router'

import { Badge } from '../../parts/badge.tsx'
import { Code } from '../../parts/code.tsx'
import { formatCount, formatDuration } from '../../parts/format.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { AnswerBlock } from './answer.ts'
import { printValue } from './members.ts'
import { priceAnswer } from './model-options.ts'
import type { Run } from './run.ts'

interface AnswerViewProps {
  readonly run: Run
  readonly model: Model
  readonly betas: readonly string[]
}

/** An answer while it arrives and when it is there: its blocks, its figures and its events. */
export function AnswerView({ run, model, betas }: AnswerViewProps) {
  const { answer, state, problem } = run
  return (
    <div className="stack" aria-busy={state === 'running'}>
      {answer.blocks.map((block, index) => (
        <BlockView key={`${index} ${block.type}`} block={block} />
      ))}
      {state === 'running' && answer.blocks.length === 0 && (
        <p className="muted" role="status">
          {texts.running}
        </p>
      )}
      {state === 'stopped' && <p className="notice">{texts.stopped}</p>}
      {problem !== null && (
        <p className="notice bad" role="alert">
          {problem}
        </p>
      )}
      {run.notices !== null && (
        <p className="notice warn">
          {texts.notices}: {run.notices}
        </p>
      )}
      {state !== 'running' && <Figures run={run} model={model} betas={betas} />}
      <Events run={run} />
    </div>
  )
}

function BlockView({ block }: { readonly block: AnswerBlock }) {
  const { type, text, value } = block
  switch (type) {
    case 'text':
      return <div className="answer-text">{text}</div>
    case 'thinking':
    case 'redacted_thinking':
      return (
        <details className="thinking">
          <summary className="muted">{texts.thinkingBlock}</summary>
          <div className="answer-text muted">{text === '' ? texts.thinkingOmitted : text}</div>
        </details>
      )
    case 'tool_use':
    case 'server_tool_use':
      return (
        <div className="stack">
          <p>
            <Badge>{texts.toolUse(printValue(value['name']))}</Badge>
          </p>
          <Code text={text} label={texts.toolUse(printValue(value['name']))} wraps />
        </div>
      )
    default:
      return <Code text={JSON.stringify(value, null, 2)} label={type} wraps />
  }
}

function Figures({ run, model, betas }: AnswerViewProps) {
  const { usage, stopReason } = run.answer
  const figures = [
    [texts.firstToken, formatDuration(run.firstTokenMs)],
    [texts.total, formatDuration(run.totalMs)],
    [texts.inputTokens, formatCount(usage?.input_tokens)],
    [texts.cacheRead, formatCount(usage?.cache_read_input_tokens)],
    [texts.cacheWritten, formatCount(usage?.cache_creation_input_tokens)],
    [texts.outputTokens, formatCount(usage?.output_tokens)],
    [texts.cost, usage === null ? '–' : (priceAnswer(usage, model, betas) ?? texts.unknownPrice)],
    [texts.stopReason, stopReason ?? '–'],
    [texts.upstream, run.upstream ?? '–'],
  ] as const
  const known = figures.filter(([, figure]) => figure !== '–')
  return (
    <>
      <dl className="answer-figures small">
        {known.map(([name, figure]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      {run.requestId !== null && run.upstream !== null && (
        <Link className="small" to="/calls" search={{ open: run.requestId, live: 'off' }}>
          {texts.openCall}
        </Link>
      )}
    </>
  )
}

/** A long stream has thousands of events; more rows than these make the page slow. */
const maxShownEvents = 500

function Events({ run: { events, answer } }: { readonly run: Run }) {
  if (events.length === 0) return null
  const shown = events.slice(-maxShownEvents)
  return (
    <details>
      <summary className="muted small">{texts.events(events.length)}</summary>
      {shown.length < events.length && <p className="muted small">{texts.eventsCut(maxShownEvents)}</p>}
      <ol className="event-list" tabIndex={0} aria-label={texts.events(events.length)}>
        {shown.map(({ atMs, name, data }, index) => (
          <li key={`${index} ${atMs}`}>
            <span className="number muted">{formatDuration(atMs)}</span> <code>{name}</code>{' '}
            <span className="event-data">{data}</span>
          </li>
        ))}
      </ol>
      {answer.usage !== null && (
        <Code text={JSON.stringify(answer.usage, null, 2)} label={texts.usage} wraps />
      )}
    </details>
  )
}
