import type { JudgedFinding } from '../finding.ts'

/** A row of a baseline: findings that were there before are not reported again. */
export interface BaselineRow {
  readonly path: string
  readonly code: string
  readonly text: string
  readonly count: number
}

/**
 * Removes the findings that a comment ignores: `anthology-ignore` on the line or the line before it, and
 * `anthology-ignore-file` anywhere. With `until=YYYY-MM-DD` the comment has an effect before that day only.
 */
export function dropIgnored(
  text: string,
  findings: readonly JudgedFinding[],
  day: string,
): readonly JudgedFinding[] {
  if (!text.includes('anthology-ignore')) return findings
  const ignored = new Set<number>()
  for (const [index, line] of text.split('\n').entries()) {
    const found = /anthology-ignore(?<scope>-file|-next-line)?(?:\s+until=(?<until>\d{4}-\d\d-\d\d))?/.exec(
      line,
    )
    if (found === null || (found.groups?.['until'] ?? '9999-12-31') <= day) continue
    if (found.groups?.['scope'] === '-file') return []
    const isAlone = /^\s*(?:\/\/|#|\/\*|<!--|--|;|\*)/.test(line)
    ignored.add(index + 1)
    if (isAlone || found.groups?.['scope'] === '-next-line') ignored.add(index + 2)
  }
  return findings.filter(({ line }) => !ignored.has(line))
}

/** Removes findings that a baseline lists, each row as often as it counts. */
export function dropKnown(
  findings: readonly JudgedFinding[],
  baseline: readonly BaselineRow[],
): readonly JudgedFinding[] {
  const left = new Map(baseline.map((row) => [getKey(row), row.count]))
  return findings.filter((finding) => {
    const count = left.get(getKey(finding)) ?? 0
    left.set(getKey(finding), count - 1)
    return count <= 0
  })
}

/** Counts findings for a new baseline. */
export function createBaseline(findings: readonly JudgedFinding[]): readonly BaselineRow[] {
  const rows = new Map<string, BaselineRow>()
  for (const { path, code, text, severity } of findings) {
    if (severity === 'note') continue
    const key = getKey({ path, code, text })
    rows.set(key, { path, code, text, count: (rows.get(key)?.count ?? 0) + 1 })
  }
  return [...rows.values()]
}

function getKey({ path, code, text }: Pick<BaselineRow, 'path' | 'code' | 'text'>): string {
  return JSON.stringify([path, code, text])
}
