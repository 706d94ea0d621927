/** Formats a line of CSV without its end (RFC 4180). */
export function formatCsvLine(cells: readonly string[]): string {
  return cells.map(quoteCell).join(',')
}

function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
