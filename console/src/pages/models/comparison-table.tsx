import type { Model } from '@anthology/catalog'

import { Badge } from '../../parts/badge.tsx'
import type { Tone } from '../../parts/badge.tsx'
import { CodeText } from '../../parts/code-text.tsx'
import { modelsTexts } from '../../texts/models.ts'
import { describeStatus, listComparison, listNotes } from './model-facts.ts'
import type { Status } from './model-facts.ts'
import { ModelTable } from './model-table.tsx'
import { listGroup } from './source-lists.ts'
import { SourcesButton } from './sources-button.tsx'

const sourceTexts = modelsTexts.sources

interface DayTableProps {
  readonly models: readonly Model[]
  readonly day: string
}

/** The comparison table of the Models overview page, with the notes below it. */
export function ComparisonTable({ models, day }: DayTableProps) {
  // The page describes only some models in words, so for others these lines would be empty.
  const known = listComparison(day).filter(({ cell }) =>
    models.some((model) => cell(model) !== modelsTexts.unknown),
  )
  const lines = known.map(({ row, group, cell, note }) => ({
    title: modelsTexts.rows[row],
    cell: (model: Model) => {
      const text = cell(model)
      const isKnown = text !== modelsTexts.unknown
      return (
        <div className="sourced">
          <Cell text={text} note={note?.(model) ?? null} />
          <SourcesButton
            of={sourceTexts.rows[row](model.displayName)}
            day={day}
            read={() => [
              { ...listGroup(model, group, day), ...(!isKnown && { note: sourceTexts.notStated }) },
            ]}
          />
        </div>
      )
    },
  }))
  const status = {
    title: modelsTexts.rows.status,
    cell: (model: Model) => (
      <div className="sourced">
        <StatusBadge {...describeStatus(model, 'anthropic', day)} />
        <SourcesButton
          of={sourceTexts.rows.status(model.displayName)}
          day={day}
          read={() => [listGroup(model, 'lifecycle', day)]}
        />
      </div>
    ),
  }
  const notes = models.flatMap((model) => listNotes(model, day).map((note) => ({ model, note })))
  return (
    <>
      <ModelTable caption={modelsTexts.tabs.compare} models={models} lines={[...lines, status]} />
      {notes.length > 0 && (
        <section className="stack">
          <h2>{modelsTexts.facts.notes}</h2>
          <ul className="stack">
            {notes.map(({ model, note }) => (
              <li key={`${model.id} ${note}`} className="muted">
                <strong>{model.displayName}:</strong> <CodeText text={note} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function Cell({ text, note }: { readonly text: string; readonly note: string | null }) {
  // An id does not break at its hyphens.
  if (note === null) return <span className={/\s/.test(text) ? undefined : 'nowrap'}>{text}</span>
  return (
    <span>
      {text}
      <span className="muted small block">{note}</span>
    </span>
  )
}

export function StatusBadge({ status, text }: Status) {
  return <Badge tone={tones[status]}>{text}</Badge>
}

const tones: Readonly<Record<Status['status'], Tone>> = {
  active: 'good',
  deprecated: 'warn',
  retired: 'bad',
  unreleased: 'neutral',
  unknown: 'neutral',
}
