import type { JudgedFinding, Severity } from '../finding.ts'

const commands: Readonly<Record<Severity, 'error' | 'warning' | 'notice'>> = {
  breaks: 'error',
  changes: 'warning',
  tune: 'notice',
  note: 'notice',
}

/** GitHub shows no more annotations of each kind for one step (limits of actions/toolkit). */
const maxAnnotations = 10

/** Prints findings as workflow commands, which GitHub shows beside the lines; what is too many belongs into the summary. */
export function formatGithub(findings: readonly JudgedFinding[]): readonly string[] {
  const counts = { error: 0, warning: 0, notice: 0 }
  return findings.flatMap(({ severity, path, line, column, code, message, hint }) => {
    const command = commands[severity]
    counts[command] += 1
    if (counts[command] > maxAnnotations) return []
    const properties = [
      `file=${escapeProperty(path)}`,
      `line=${line}`,
      `col=${column}`,
      `title=${escapeProperty(code)}`,
    ]
    return `::${command} ${properties.join(',')}::${escapeData(hint === null ? message : `${message} ${hint}`)}`
  })
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
