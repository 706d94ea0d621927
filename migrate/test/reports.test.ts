import { resolve } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  createSummaryCounter,
  formatGithub,
  formatJunit,
  formatMarkdown,
  formatSarif,
  migrateText,
} from '../src/index.ts'
import type { JudgedFinding, Move } from '../src/index.ts'

const found = resolve('claude-opus-4-1')
if (!found.ok) throw new Error('no model claude-opus-4-1')
const move: Move = { target: found.model, day: '2025-08-28' }

const program = `import anthropic
client = anthropic.Anthropic()
answer = client.messages.create(
    model="claude-3-7-sonnet-20250219",
    max_tokens=100000,
    temperature=0.2,
    top_p=0.9,
    messages=[{"role": "user", "content": "Hi"}],
)
`

function judge(text = program, path = 'src/app.py'): readonly JudgedFinding[] {
  return migrateText(path, text, move).findings
}

test('SARIF has a result with rule, place and fingerprint for each finding', () => {
  const findings = judge()
  const { runs } = JSON.parse(formatSarif(findings))
  const [{ results, tool }] = runs

  expect(results).toHaveLength(findings.length)
  for (const [index, result] of results.entries()) {
    const { path, line, column, text } = findings[index] ?? fail()
    const { artifactLocation, region } = result.locations[0].physicalLocation
    expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId)
    expect(artifactLocation.uri).toBe(path)
    expect([region.startLine, region.startColumn]).toEqual([line, column])
    expect(program.slice(region.charOffset, region.charOffset + region.charLength)).toBe(text)
  }
})

test('the fixes of SARIF make the same file as --write', () => {
  const { findings, text } = migrateText('src/app.py', program, move)
  const { runs } = JSON.parse(formatSarif(findings))
  const replacements = runs[0].results.flatMap((result: { readonly fixes?: readonly Fix[] }) =>
    (result.fixes ?? []).flatMap(({ artifactChanges }) =>
      artifactChanges.flatMap((change) => change.replacements),
    ),
  ) as readonly Replacement[]
  const fixed = replacements
    .toSorted((one, other) => other.deletedRegion.charOffset - one.deletedRegion.charOffset)
    .reduce((changed, { deletedRegion: { charOffset, charLength }, insertedContent }) => {
      return changed.slice(0, charOffset) + insertedContent.text + changed.slice(charOffset + charLength)
    }, program)

  expect(replacements.length).toBeGreaterThan(0)
  expect(fixed).toBe(text)
})

interface Replacement {
  readonly deletedRegion: { readonly charOffset: number; readonly charLength: number }
  readonly insertedContent: { readonly text: string }
}

interface Fix {
  readonly artifactChanges: readonly { readonly replacements: readonly Replacement[] }[]
}

test('a fingerprint stays when lines are added above, and equal findings differ', () => {
  const twice = `${program}\n${program}`
  const read = (text: string) =>
    JSON.parse(formatSarif(judge(text))).runs[0].results.map(
      (result: { readonly partialFingerprints: object }) => JSON.stringify(result.partialFingerprints),
    )

  expect(read(`# a comment\n\n${program}`)).toEqual(read(program))
  expect(new Set(read(twice)).size).toBe(read(twice).length)
})

test('GitHub gets at most ten annotations of a kind, and no text ends a command', () => {
  const [finding] = judge()
  if (finding === undefined) throw new Error('the program has no finding')
  const many = Array.from({ length: 25 }, () => ({
    ...finding,
    severity: 'breaks' as const,
    path: 'a,b:c.py',
    message: 'one\ntwo 100%',
  }))
  const lines = formatGithub(many)

  expect(lines).toHaveLength(10)
  expect(lines[0]).toMatch(/^::error file=a%2Cb%3Ac\.py,line=\d+,col=\d+,title=\w+::one%0Atwo 100%25/)
})

test('JUnit counts what breaks or changes as failures', () => {
  const findings = judge()
  const failures = findings.filter(({ severity }) => severity === 'breaks' || severity === 'changes').length
  const xml = formatJunit(findings)

  expect(failures).toBeGreaterThan(0)
  expect(xml).toContain(
    `<testsuites name="anthology lint" tests="${findings.length}" failures="${failures}">`,
  )
  expect(xml.match(/<failure /g)).toHaveLength(failures)
})

test('no text of a file breaks XML, Markdown tables or JSON', () => {
  const [finding] = judge()
  if (finding === undefined) throw new Error('the program has no finding')
  const counter = createSummaryCounter(move)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (text, message) => {
      const odd = [{ ...finding, severity: 'breaks' as const, text, message, path: `a/${message}` }]
      const summary = counter.finish({ read: 1, binary: 0, large: 0 })
      const xml = formatJunit(odd)
      expect(xml.split('<failure ')).toHaveLength(2)
      expect(xml.split(/<\/?testcase/)).toHaveLength(3)
      expect(JSON.parse(formatSarif(odd)).runs[0].results[0].ruleId).toBe(finding.code)
      const rows = formatMarkdown(odd, { ...summary, findings: { ...summary.findings, breaks: 1 } })
        .split('\n')
        .filter((line) => line.startsWith('| `'))
      expect(rows).toHaveLength(1)
      expect(rows[0]?.match(/(?:\\.|[^|\\])*(?:\||$)/g)?.filter((cell) => cell !== '')).toHaveLength(5)
    }),
  )
})

function fail(): never {
  throw new Error('there are more results than findings')
}
