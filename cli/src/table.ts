import { stripVTControlCharacters } from 'node:util'

export type Alignment = 'left' | 'right'

/** Formats rows as aligned columns, two blanks apart, without trailing blanks. */
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

/** Formats rows whose cells may have several lines: each cell is wrapped to its column's width. */
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

/** Wraps text at blanks into lines of at most `width` characters; a longer word has its own line. */
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
