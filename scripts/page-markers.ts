/** Replaces the lines between the markers `<!-- NAME:begin -->` and `<!-- NAME:end -->` of a page. */
export function replaceBetweenMarkers(text: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`]
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from === -1 || to < from) throw new Error(`the page has no markers ${begin.trim()} and ${end}`)
  return `${text.slice(0, from)}${begin}\n${lines.map((line) => `${line}\n`).join('')}\n${text.slice(to)}`
}
