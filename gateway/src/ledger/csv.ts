/**
 * Formats a line of CSV without its end (RFC 4180). A text that a spreadsheet would run as a formula gets a quote in front
 * of it (OWASP, CSV Injection); a number or a percentage does not.
 */
export function formatCsvLine(cells: readonly string[]): string {
  return cells.map(formatCell).join(',')
}

function formatCell(cell: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(?:\.\d+)?(?: %)?$/.test(cell)
  const safe = isFormula ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
