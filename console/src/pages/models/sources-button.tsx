import { isKnownOn } from '@anthology/catalog'
import { useState } from 'react'

import { CodeText } from '../../parts/code-text.tsx'
import { Modal } from '../../parts/modal.tsx'
import { modelsTexts } from '../../texts/models.ts'
import type { SourceList } from './source-lists.ts'

const texts = modelsTexts.sources

interface SourcesButtonProps {
  /** The fact and the model, for the title. */
  readonly of: string
  readonly day: string
  /** Read when the button is pressed: a table has many of them. */
  readonly read: () => readonly SourceList[]
}

/** Opens the pages from which a cell or a row of a table was read. */
export function SourcesButton({ of, day, read }: SourcesButtonProps) {
  const [isOpen, setOpen] = useState(false)
  const title = texts.of(of)
  return (
    <>
      <button
        type="button"
        className="sources-button"
        aria-label={title}
        title={title}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      />
      {isOpen && (
        <Modal title={title} isOpen onClose={() => setOpen(false)}>
          <SourceLists lists={read()} day={day} />
        </Modal>
      )}
    </>
  )
}

interface SourceListsProps {
  readonly lists: readonly SourceList[]
  readonly day: string
}

export function SourceLists({ lists, day }: SourceListsProps) {
  return lists.map(({ heading, pages, note }) => (
    <section key={heading} className="stack small">
      <h3>{heading}</h3>
      <ul className="stack sources">
        {pages.map((page) => (
          <li key={page}>
            <Page title={page} />
            {!isKnownOn(page, day) && <span className="muted block">{texts.later(day)}</span>}
          </li>
        ))}
      </ul>
      {note !== undefined && isKnownOn(note, day) && (
        <p className="muted">
          <CodeText text={note} />
        </p>
      )}
    </section>
  ))
}

/** Titles of pages contain addresses without a scheme. */
const address = /((?:[a-z0-9-]+\.)+com(?:\/[\w./-]*\w)?)/

function Page({ title }: { readonly title: string }) {
  // The capture group makes every second part an address.
  return title.split(address).map((part, index) =>
    index % 2 === 1 ? (
      <a key={`${index} ${part}`} href={`https://${part}`} target="_blank" rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  )
}
