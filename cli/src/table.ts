import { stripVTControlCharacters } from 'node:util'

export type Alignment = 'left' | 'right'

/** Rows of cells as lines with the columns aligned, two blanks between them and none at a line's end. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => measureWidth(row[column] ?? ''))),
  )
  return rows.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? ''
        const blanks = ' '.repeat(width - measureWidth(cell))
        return alignments[column] === 'right' ? `${blanks}${cell}` : `${cell}${blanks}`
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Rows whose cells may need several lines: each is wrapped to its column's width, the rows stay aligned. */
export function wrapColumns(
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): readonly string[] {
  const lines = rows.flatMap((row) => {
    const cells = row.map((cell, column) => wrapText(cell, widths[column] ?? cell.length))
    const height = Math.max(1, ...cells.map((cell) => cell.length))
    return Array.from({ length: height }, (_, line) =>
      cells.map((cell, column) => (cell[line] ?? '').padEnd(widths[column] ?? 0)),
    )
  })
  return lines.map((cells) => cells.join('  ').trimEnd())
}

/** Text in lines of at most `width` letters, broken at blanks; a word that is longer keeps a line to itself. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && longer.length > width) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return [...lines, line]
}

function measureWidth(cell: string): number {
  return stripVTControlCharacters(cell).length
}
