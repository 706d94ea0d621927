import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { promptsQuery, promptVersionQuery, promptVersionsQuery } from '../../../api/prompts.ts'
import type { Prompt, PromptVersionEntry } from '../../../api/prompts.ts'
import { useMay } from '../../../api/session.ts'
import { usePageSearch } from '../../../app/search-state.ts'
import { DataTable } from '../../../parts/data-table.tsx'
import { Empty } from '../../../parts/empty.tsx'
import { Choice } from '../../../parts/field.tsx'
import { formatTime } from '../../../parts/format.ts'
import { Modal } from '../../../parts/modal.tsx'
import { Name } from '../../../parts/name.tsx'
import { QueryState } from '../../../parts/query-state.tsx'
import { playgroundTexts } from '../../../texts/playground.ts'
import type { SavedContent } from '../content.ts'
import { DiffView } from './diff-view.tsx'
import { SaveForm } from './save-form.tsx'
import { readContent } from './saved-content.ts'

const texts = playgroundTexts.prompts

interface PromptsDialogProps {
  /** The prompt of the page; undefined: it was never saved. */
  readonly openId: string | undefined
  readonly current: SavedContent
  readonly onOpen: (id: string, version: number) => void
  /** The version that was just saved is what the page shows. */
  readonly onSaved: (id: string, version: number) => void
  readonly onClose: () => void
}

/** Saved prompts: save this one, open another, compare versions. */
export function PromptsDialog({ openId, current, onOpen, onSaved, onClose }: PromptsDialogProps) {
  const query = useQuery(promptsQuery)
  const maySave = useMay('member')
  const [{ shown: shownId = openId }, change] = usePageSearch()
  return (
    <Modal title={texts.title} isOpen shape="wide" onClose={onClose}>
      <QueryState query={query}>
        {({ data }) => {
          const shown = data.find(({ id }) => id === shownId)
          return (
            <>
              {maySave && (
                <SaveForm prompt={data.find(({ id }) => id === openId)} content={current} onSaved={onSaved} />
              )}
              {data.length === 0 ? (
                <Empty title={texts.empty} />
              ) : (
                <PromptTable
                  prompts={data}
                  openId={shownId}
                  onOpen={onOpen}
                  onShow={(id) => change({ shown: id })}
                />
              )}
              {shown !== undefined && <Versions key={shown.id} prompt={shown} onOpen={onOpen} />}
            </>
          )
        }}
      </QueryState>
    </Modal>
  )
}

interface PromptTableProps {
  readonly prompts: readonly Prompt[]
  readonly openId: string | undefined
  readonly onOpen: (id: string, version: number) => void
  readonly onShow: (id: string) => void
}

function PromptTable({ prompts, openId, onOpen, onShow }: PromptTableProps) {
  return (
    <DataTable
      caption={texts.title}
      rows={prompts}
      getId={({ id }) => id}
      openId={openId}
      columns={[
        {
          title: texts.name,
          isHeading: true,
          cell: ({ id, name, latest_version: latest }) => (
            <button type="button" className="row-link" onClick={() => onOpen(id, latest)}>
              <Name text={name} />
            </button>
          ),
        },
        { title: texts.latest, isNumber: true, cell: ({ latest_version: latest }) => latest },
        { title: texts.created, cell: (one) => <span className="nowrap">{formatTime(one.created_at)}</span> },
        {
          title: texts.versions,
          cell: ({ id, name }) => (
            <button
              type="button"
              className="button small"
              aria-label={texts.showVersions(name)}
              onClick={() => onShow(id)}
            >
              {texts.show}
            </button>
          ),
        },
      ]}
    />
  )
}

function Versions({
  prompt,
  onOpen,
}: {
  readonly prompt: Prompt
  readonly onOpen: PromptTableProps['onOpen']
}) {
  const query = useQuery(promptVersionsQuery(prompt.id))
  return (
    <section className="stack">
      <h3>{texts.versionsOf(prompt.name)}</h3>
      <QueryState query={query}>
        {({ data }) => (
          <>
            <DataTable
              caption={texts.versionsOf(prompt.name)}
              rows={data}
              getId={({ version }) => String(version)}
              columns={[
                {
                  title: texts.version,
                  isHeading: true,
                  cell: ({ version }) => (
                    <button type="button" className="row-link" onClick={() => onOpen(prompt.id, version)}>
                      {texts.versionNumber(version)}
                    </button>
                  ),
                },
                { title: texts.note, cell: ({ note }) => <Name text={note} /> },
                { title: texts.by, cell: ({ actor }) => actor },
                {
                  title: texts.created,
                  cell: (one) => <span className="nowrap">{formatTime(one.created_at)}</span>,
                },
              ]}
            />
            {data.length > 1 && <Comparison promptId={prompt.id} versions={data} />}
          </>
        )}
      </QueryState>
    </section>
  )
}

interface ComparisonProps {
  readonly promptId: string
  /** The newest first, two at least. */
  readonly versions: readonly PromptVersionEntry[]
}

function Comparison({ promptId, versions }: ComparisonProps) {
  const [before, setBefore] = useState(String(versions[1]?.version ?? 1))
  const [after, setAfter] = useState(String(versions[0]?.version ?? 1))
  const [first, second] = [
    useQuery(promptVersionQuery(promptId, Number(before))),
    useQuery(promptVersionQuery(promptId, Number(after))),
  ]
  const options = versions.map(
    ({ version }) => [String(version), texts.versionNumber(version)] as [string, string],
  )
  return (
    <>
      <div className="filters">
        <Choice label={texts.compareFrom} value={before} onChange={setBefore} options={options} />
        <Choice label={texts.compareTo} value={after} onChange={setAfter} options={options} />
      </div>
      <QueryState query={first}>
        {(one) => (
          <QueryState query={second}>
            {(other) => <ContentDiff before={one.content} after={other.content} />}
          </QueryState>
        )}
      </QueryState>
    </>
  )
}

function ContentDiff(contents: { readonly before: unknown; readonly after: unknown }) {
  const [before, after] = [readContent(contents.before), readContent(contents.after)]
  if (before === null || after === null) return <p className="notice bad">{texts.unreadable}</p>
  return <DiffView before={before} after={after} />
}
