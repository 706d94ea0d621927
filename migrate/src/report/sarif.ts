import type { JudgedFinding, Severity } from '../finding.ts'

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  breaks: 'error',
  changes: 'warning',
  tune: 'note',
  note: 'note',
}

/** GitHub takes no more results of one run ("SARIF results exceed one or more limits", docs.github.com). */
export const maxSarifResults = 25_000

/**
 * Prints findings as SARIF 2.1.0 for code scanning. A fingerprint is made of rule, path and text, so that a finding
 * stays the same when lines above it change; equal ones of a file are numbered. The most severe come first if there are
 * more than GitHub takes.
 */
export function formatSarif(findings: readonly JudgedFinding[]): string {
  const kept = takeMostSevere(findings)
  const codes = [...new Set(kept.map(({ code }) => code))].toSorted()
  const fingerprint = createFingerprinter()
  const run = {
    tool: {
      driver: {
        name: 'anthology',
        rules: codes.map((code) => createRule(code, kept)),
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { ROOT: { description: { text: 'The folder in which the command ran.' } } },
    results: kept.map((finding) => createResult(finding, codes.indexOf(finding.code), fingerprint(finding))),
    ...(kept.length < findings.length && { properties: { leftOut: findings.length - kept.length } }),
  }
  return `${JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, null, 2)}\n`
}

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

function takeMostSevere(findings: readonly JudgedFinding[]): readonly JudgedFinding[] {
  if (findings.length <= maxSarifResults) return findings
  const ranks = ['error', 'warning', 'note']
  const rank = ({ severity }: JudgedFinding): number => ranks.indexOf(levels[severity])
  return findings.toSorted((one, other) => rank(one) - rank(other)).slice(0, maxSarifResults)
}

function createRule(code: string, findings: readonly JudgedFinding[]): object {
  const example = findings.find((finding) => finding.code === code)
  return {
    id: code,
    name: code,
    shortDescription: { text: code.replaceAll('_', ' ') },
    ...(example?.link !== null && example?.link !== undefined && { helpUri: example.link }),
    defaultConfiguration: { level: levels[example?.severity ?? 'note'] },
  }
}

function createResult(finding: JudgedFinding, ruleIndex: number, fingerprint: string): object {
  const { code, severity, message, hint, path, line, column, text, edits, offset } = finding
  const artifactLocation = { uri: encodeURI(path), uriBaseId: 'ROOT' }
  const replacements = edits.map(({ start, end, text: inserted }) => ({
    deletedRegion: { charOffset: start, charLength: end - start },
    insertedContent: { text: inserted },
  }))
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: hint === null ? message : `${message} ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation,
          region: { startLine: line, startColumn: column, charOffset: offset, charLength: text.length },
        },
      },
    ],
    partialFingerprints: { primaryLocationLineHash: fingerprint },
    ...(replacements.length > 0 && {
      fixes: [{ description: { text: message }, artifactChanges: [{ artifactLocation, replacements }] }],
    }),
  }
}

function createFingerprinter(): (finding: JudgedFinding) => string {
  const seen = new Map<string, number>()
  return ({ code, path, text }) => {
    const hash = hashText(JSON.stringify([code, path, text]))
    const number = (seen.get(hash) ?? 0) + 1
    seen.set(hash, number)
    return `${hash}:${number}`
  }
}

/** FNV-1a with 64 bits (draft-eastlake-fnv): it tells findings apart, and protects nothing. */
function hashText(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}
