import { expect, test } from 'vitest'
import { catalogDocument, diffCatalogs } from '../../src/index.ts'

test('lists the changes between two documents as lines for a changelog', () => {
  const now = catalogDocument()
  const before = structuredClone(now) as unknown as {
    models: {
      id: string
      notes: string[]
      rate_cards: { standard: { input: string } }[]
      lifecycle: { anthropic: { retired: string | null } }
    }[]
    betas: unknown[]
    aliases: Record<string, unknown>
  } // The shape of the document, made mutable for this test.
  before.models = before.models.filter(({ id }) => id !== 'claude-fable-5-2')
  for (const model of before.models) {
    if (model.id === 'claude-sonnet-5-5') model.rate_cards.pop()
    if (model.id === 'claude-opus-5-5') model.notes.push('An old note.')
    if (model.id === 'claude-sonnet-4-5-20250929') model.lifecycle.anthropic.retired = null
  }
  before.betas.pop()
  delete before.aliases['claude-opus-4-1']

  const lines = diffCatalogs(before, now)

  expect(lines.slice(0, 4)).toEqual([
    'Added model claude-fable-5-2',
    'claude-sonnet-5-5: rate_cards[2026-10-07] is {"id":"claude-sonnet-5-5/2026-10-07","from":"2026-10-07","standard":{"input":"2","cache_write_5m":"2.50","cache_write_1h":"4","cache_read":"0.10","output":"10"},"batch":{"input":"1","output":"5"},"source":"pricing-2026-10"}, was not there',
    'claude-opus-5-5: notes no longer has "An old note."',
    'claude-sonnet-4-5-20250929: lifecycle.anthropic.retired is "2026-11-30", was null',
  ])
  expect(lines.slice(4)).toEqual([
    'Added beta experimental-claude-tag-2026-10-21',
    'Added alias claude-opus-4-1',
  ])
})

test('finds no difference between equal documents, and inverse lines for swapped ones', () => {
  const [document, later] = [catalogDocument(), catalogDocument({ asOf: '2026-11-30' })]
  const without = { ...document, models: document.models.filter(({ id }) => id !== 'claude-fable-5-2') }

  expect(diffCatalogs(document, catalogDocument())).toEqual([])
  expect(diffCatalogs(document, without)).toEqual(['Removed model claude-fable-5-2'])
  expect(diffCatalogs(document, later).every((line) => line.includes('status is'))).toBe(true)
})

test.each([[null], [1], ['text'], [[]], [{}], [{ models: 1 }], [{ models: [1, null, { id: 2 }] }]])(
  'does not throw for %j',
  (document) => {
    expect(Array.isArray(diffCatalogs(document, catalogDocument()))).toBe(true)
    expect(Array.isArray(diffCatalogs(catalogDocument(), document))).toBe(true)
  },
)
