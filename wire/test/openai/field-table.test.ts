import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { validateMessagesRequest } from '../../src/messages/schema.ts'
import { chatFields } from '../../src/openai/field-table.ts'
import type { ChatField } from '../../src/openai/field-table.ts'
import { settingExamples, turnExamples } from './field-examples.ts'
import { capable, greeting, tryTranslate } from './translated.ts'

const examples = { turns: turnExamples, settings: settingExamples }

describe.each(['turns', 'settings'] as const)('the fields of %s', (name) => {
  test('each have an example', () => {
    expect(Object.keys(examples[name])).toEqual(chatFields[name].map(({ chat }) => chat))
  })

  test.each(chatFields[name].map((field) => [field.chat, field.mapping, field] as const))(
    '%s is %s',
    (key, mapping, field) => {
      const { chat = {}, messages = {}, target = capable } = examples[name][key] ?? {}
      const result = tryTranslate(JSON.stringify({ ...greeting, ...chat }), target)
      // A conversation that the Messages API rejects is left to it, in its own words.
      const body: unknown = result.ok ? JSON.parse(result.body) : null
      const problem = result.ok ? validateMessagesRequest(body, { apiVersion: '2023-06-01' }) : result.problem

      if (mapping === 'refused') return expect(problem?.message).toMatch(/./)
      expect(problem).toBeNull()
      expect(body).toEqual({ max_tokens: 4_096, ...greeting, ...messages })
      if (mapping === 'ignored') expect(result.ok && result.notices.length).toBeGreaterThan(0)
      else if (mapping === 'mapped' && !isChanged(field)) expect(result.ok && result.notices).toEqual([])
    },
  )
})

/** A mapped value that is limited is reported as well. */
function isChanged({ chat }: ChatField): boolean {
  return chat === 'temperature'
}

test('the table in the documentation equals the table in the code', () => {
  const page = readFileSync(new URL('../../../docs/openai.md', import.meta.url), 'utf8')

  for (const [name, rows] of Object.entries(chatFields)) {
    const [, written] = page.split(`<!-- ${name} -->\n`)
    expect(written?.trim().split('\n')).toEqual([
      '| chat request | Messages request | | |',
      '| --- | --- | --- | --- |',
      ...rows.map(getLine),
    ])
  }
})

function getLine({ chat, messages, mapping, note }: ChatField): string {
  return `| ${chat} | ${messages ?? '-'} | ${mapping} |${note === '' ? '' : ` ${note}`} |`
}
