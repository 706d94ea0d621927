/** The separator of the cells: a comma, or those that spreadsheets of other countries write. */
export const csvSeparators = [',', ';', '\t'] as const

export type CsvSeparator = (typeof csvSeparators)[number]

/** Reads CSV (RFC 4180): quoted cells, doubled quotes, line breaks of both kinds. Empty lines are left out. */
export function parseCsv(text: string, separator: CsvSeparator = ','): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  const endRow = () => {
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  for (const [, quoted, plain = '', end] of text.replace(/^\uFEFF/, '').matchAll(cells[separator])) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end !== separator) endRow()
    if (end === '') break
  }
  return rows
}

/** A cell with what ends it: the separator, a line break, or the end of the text. */
const cells: Readonly<Record<CsvSeparator, RegExp>> = {
  ',': /(?:"([^"]*(?:""[^"]*)*)"|([^,\r\n]*))(,|\r?\n|\r|$)/g,
  ';': /(?:"([^"]*(?:""[^"]*)*)"|([^;\r\n]*))(;|\r?\n|\r|$)/g,
  '\t': /(?:"([^"]*(?:""[^"]*)*)"|([^\t\r\n]*))(\t|\r?\n|\r|$)/g,
}
