import type { Model } from '@anthology/catalog'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { usePageSearch } from '../../../app/search-state.ts'
import { saveFile } from '../../../parts/csv.ts'
import { DataTable } from '../../../parts/data-table.tsx'
import type { Column } from '../../../parts/data-table.tsx'
import { formatUsd, printNanoUsd } from '../../../parts/format.ts'
import { showToast } from '../../../parts/toast.tsx'
import { playgroundTexts } from '../../../texts/playground.ts'
import type { Draft } from '../draft.ts'
import { listVariables, readValue } from '../variables.ts'
import {
  countGrades,
  createRow,
  maxRows,
  printRows,
  readAnswerText,
  readCostNanoUsd,
  readRows,
  sumCostUsd,
} from './row.ts'
import type { RowResult, TestRow } from './row.ts'
import { useRowRuns } from './use-row-runs.ts'

const texts = playgroundTexts.rows

interface TestRowsProps {
  readonly draft: Draft
  readonly models: readonly Model[]
  readonly rows: readonly TestRow[]
  readonly setRows: (rows: readonly TestRow[]) => void
}

/** A table of values for the variables of the prompt, run on every model and graded. */
export function TestRows({ draft, models, rows, setRows }: TestRowsProps) {
  const runs = useRowRuns(draft)
  const names = listVariables(draft)
  const importFile = async (file: File | undefined) => {
    if (file === undefined) return
    const read = readRows(await file.text(), names)
    if (read === null) return showToast(texts.noColumn(names.join(', ')))
    if (read.length === 0) return showToast(texts.noRows)
    const all = [...rows, ...read]
    if (all.length > maxRows) showToast(texts.tooManyRows(maxRows, all.length - maxRows))
    setRows(all.slice(0, maxRows))
  }
  return (
    <RowsCard>
      {names.length === 0 ? (
        <p className="muted">{texts.noVariables}</p>
      ) : (
        <div className="stack">
          <div className="row">
            <button
              type="button"
              className="button small"
              disabled={rows.length >= maxRows}
              onClick={() => setRows([...rows, createRow()])}
            >
              {texts.add}
            </button>
            <ImportButton onFile={(file) => void importFile(file)} />
            <button
              type="button"
              className="button small"
              disabled={rows.length === 0}
              onClick={() =>
                saveFile('test-rows.csv', printRows(rows, names, { results: runs.results, models }))
              }
            >
              {texts.exportCsv}
            </button>
            {runs.isRunning ? (
              <button type="button" className="button small" onClick={runs.stop}>
                {texts.stop}
              </button>
            ) : (
              <button
                type="button"
                className="button small primary"
                disabled={rows.length === 0}
                onClick={() => void runs.start(rows, models)}
              >
                {texts.runAll(countGrades(runs.results, rows))}
              </button>
            )}
            <span role="status">{texts.total(formatUsd(sumCostUsd(runs.results, models)))}</span>
          </div>
          {runs.problem !== null && (
            <p className="notice bad" role="alert">
              {runs.problem}
            </p>
          )}
          {rows.length > 0 && (
            <RowTable rows={rows} setRows={setRows} names={names} models={models} runs={runs} />
          )}
        </div>
      )}
    </RowsCard>
  )
}

/** Folded, unless the address has it open. */
function RowsCard({ children }: { readonly children: ReactNode }) {
  const [search, change] = usePageSearch()
  const isOpen = search['rows'] === 'open'
  return (
    <details
      className="card"
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => {
        if (open !== isOpen) change({ rows: open ? 'open' : undefined })
      }}
    >
      <summary>{texts.title}</summary>
      {children}
    </details>
  )
}

interface RowTableProps {
  readonly rows: readonly TestRow[]
  readonly setRows: (rows: readonly TestRow[]) => void
  readonly names: readonly string[]
  readonly models: readonly Model[]
  readonly runs: Pick<ReturnType<typeof useRowRuns>, 'results' | 'grade'>
}

function RowTable({ rows, setRows, names, models, runs }: RowTableProps) {
  const getNumber = (row: TestRow) => rows.indexOf(row) + 1
  const resultColumns = models.map((model): Column<TestRow> => ({
    title: model.displayName,
    cell: (row) => (
      <ResultCell
        label={texts.gradeOf(model.displayName, getNumber(row))}
        result={runs.results[row.id]?.[model.id]}
        model={model}
        onGrade={(grade) => runs.grade({ row, model }, grade)}
      />
    ),
  }))
  const removeColumn: Column<TestRow> = {
    title: texts.actions,
    isActions: true,
    cell: (row) => (
      <button
        type="button"
        className="button quiet small"
        aria-label={texts.removeRow(getNumber(row))}
        onClick={() => setRows(rows.filter(({ id }) => id !== row.id))}
      >
        {texts.remove}
      </button>
    ),
  }
  return (
    <DataTable
      caption={texts.title}
      rows={rows}
      getId={({ id }) => id}
      columns={[
        ...names.map((name) => createValueColumn(name, rows, setRows)),
        ...resultColumns,
        removeColumn,
      ]}
    />
  )
}

function createValueColumn(
  name: string,
  rows: readonly TestRow[],
  setRows: (rows: readonly TestRow[]) => void,
): Column<TestRow> {
  const set = (row: TestRow, value: string) =>
    setRows(
      rows.map((one) => (one.id === row.id ? { ...one, values: { ...one.values, [name]: value } } : one)),
    )
  return {
    title: `{{${name}}}`,
    cell: (row) => (
      <textarea
        className="input row-value"
        rows={2}
        aria-label={texts.valueOf(name, rows.indexOf(row) + 1)}
        value={readValue(row.values, name)}
        onChange={({ target }) => set(row, target.value)}
      />
    ),
  }
}

interface ResultCellProps {
  readonly label: string
  readonly result: RowResult | undefined
  readonly model: Model
  readonly onGrade: (grade: number | null) => void
}

function ResultCell({ label, result, model, onGrade }: ResultCellProps) {
  if (result === undefined) return '–'
  if (result.state === 'running') return <span className="muted">{texts.running}</span>
  if (result.state === 'stopped') return <span className="muted">{texts.stopped}</span>
  const cost = readCostNanoUsd(result, model)
  return (
    <div className="stack row-result">
      <div className={result.problem === null ? 'answer-text' : 'notice bad'}>{readAnswerText(result)}</div>
      <div className="row small">
        {cost !== null && <span className="number">{formatUsd(printNanoUsd(cost))}</span>}
        <select
          className="input grade"
          aria-label={label}
          value={result.grade ?? ''}
          onChange={({ target }) => onGrade(target.value === '' ? null : Number(target.value))}
        >
          <option value="">{texts.grade}</option>
          {[1, 2, 3, 4, 5].map((grade) => (
            <option key={grade} value={grade}>
              {grade}
            </option>
          ))}
        </select>
        {result.requestId !== null && result.upstream !== null && (
          <Link to="/calls" search={{ open: result.requestId, live: 'off' }}>
            {playgroundTexts.openCall}
          </Link>
        )}
      </div>
    </div>
  )
}

function ImportButton({ onFile }: { readonly onFile: (file: File | undefined) => void }) {
  return (
    <label className="button small file-button">
      {texts.importCsv}
      <input
        type="file"
        className="visually-hidden"
        accept=".csv,text/csv"
        aria-label={texts.importCsv}
        onChange={({ target }) => {
          onFile(target.files?.[0])
          target.value = ''
        }}
      />
    </label>
  )
}
