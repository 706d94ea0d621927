import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { converseAnswer } from '../../src/converse/answer.ts'
import { converseToMessage } from '../../src/converse/answer-to-messages.ts'
import { converseFields } from '../../src/converse/field-table.ts'
import type { ConverseField, Mapping } from '../../src/converse/field-table.ts'
import { messagesToConverse } from '../../src/converse/from-messages.ts'
import { converseToMessages } from '../../src/converse/to-messages.ts'
import { answerExamples, baseAnswer, baseMessage } from './answer-examples.ts'
import { settingExamples } from './setting-examples.ts'
import { turnExamples } from './turn-examples.ts'

const group = { turns: turnExamples, settings: settingExamples, answers: answerExamples }

test.each(['turns', 'settings', 'answers'] as const)('every field of %s has an example', (name) => {
  const rows = converseFields[name].map(toKey)

  expect(Object.keys(group[name]).sort()).toEqual(rows.toSorted())
  expect(new Set(rows).size).toBe(rows.length)
})

describe.each(['turns', 'settings'] as const)('the fields of %s', (name) => {
  test.each(listRows(name, 'toMessages'))('%s is %s in the translation to Messages', (key, mapping) => {
    const { converse = {}, messages = {}, betas = [], left = {} } = group[name][key] ?? {}
    const result = converseToMessages(
      { ...greeting.converse, ...converse },
      { model: 'claude-opus-4-8', defaultMaxTokens: 100 },
    )

    if (mapping === 'refused') {
      expect(result).toMatchObject({ ok: false, problem: { type: 'ValidationException' } })
      return
    }
    const kept = mapping === 'ignored' ? left : messages
    expect(result).toMatchObject({ ok: true, betas })
    expect(result.ok && result.body).toEqual({
      model: 'claude-opus-4-8',
      max_tokens: 100,
      ...greeting.messages,
      ...kept,
    })
  })

  test.each(listRows(name, 'toConverse'))('%s is %s in the translation to Converse', (key, mapping) => {
    const { converse = {}, messages = {}, betas = [] } = group[name][key] ?? {}
    const result = messagesToConverse(
      { model: 'claude-opus-4-8', ...greeting.messages, ...messages },
      { betas },
    )

    if (mapping === 'refused') {
      expect(result).toMatchObject({ ok: false, problem: { path: expect.stringMatching(/./) } })
      return
    }
    if (mapping === 'ignored') expect(result.ok && result.notices).toHaveLength(1)
    expect(result.ok && result.body).toEqual({ ...greeting.converse, ...converse })
  })
})

describe('the fields of responses', () => {
  test.each(listRows('answers', 'toMessages'))('%s is %s in the translation to Messages', (key, mapping) => {
    const { converse = {}, messages = {} } = answerExamples[key] ?? {}
    const result = converseToMessage({ ...baseAnswer, ...converse }, { id: 'msg_1', model: 'm' })

    expect(result?.message).toEqual({ ...baseMessage, ...(mapping === 'ignored' ? {} : messages) })
  })

  test.each(listRows('answers', 'toConverse'))('%s is %s in the translation to Converse', (key) => {
    const { converse = {}, messages = {}, responsePaths = [] } = answerExamples[key] ?? {}
    const result = converseAnswer({ ...baseMessage, ...messages }, { latencyMs: 12, responsePaths })

    expect(result.response).toEqual({ ...baseAnswer, ...converse })
    expect(result.notices).toHaveLength(key === 'blocks of server tools' ? 1 : 0)
  })
})

test('a notice reports a field without effect, if it could be missed', () => {
  const told = [
    { serviceTier: { type: 'flex' } },
    { requestMetadata: { team: 'blue' } },
    { inferenceConfig: { topK: 5 } },
    { anything: 1 },
    settingExamples['outputConfig.textFormat (name, description)']?.converse,
    settingExamples['additionalModelRequestFields.reasoning_config']?.converse,
  ].map((more) => converseToMessages({ ...greeting.converse, ...more }, { model: 'm', defaultMaxTokens: 1 }))

  expect(told.map((result) => result.ok && result.notices)).toEqual([
    ['serviceTier flex has no counterpart; the default tier serves'],
    ['requestMetadata is not kept'],
    ['inferenceConfig.topK is not a member of Converse and was ignored'],
    ['anything is not a member of Converse and was ignored'],
    ['the name and the description of a JSON schema are not shown to the model'],
    ['additionalModelRequestFields.reasoning_config is the same as thinking'],
  ])
})

test('the table in the documentation equals the table in the code', () => {
  const page = readFileSync(new URL('../../../docs/converse.md', import.meta.url), 'utf8')

  for (const [name, rows] of Object.entries(converseFields)) {
    const [, written] = page.split(`<!-- ${name} -->\n`)
    expect(written?.trim().split('\n')).toEqual([
      '| Converse | Messages | to Messages | to Converse | |',
      '| --- | --- | --- | --- | --- |',
      ...rows.map(getLine),
    ])
  }
})

const greeting = {
  converse: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
  messages: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
} as const

function toKey({ converse, messages }: ConverseField): string {
  return converse ?? messages ?? ''
}

function listRows(
  name: keyof typeof converseFields,
  direction: 'toMessages' | 'toConverse',
): readonly (readonly [string, Mapping])[] {
  return converseFields[name].flatMap((field) => {
    const mapping = field[direction]
    return mapping === null ? [] : [[toKey(field), mapping] as const]
  })
}

function getLine({ converse, messages, toMessages, toConverse, note }: ConverseField): string {
  return `| ${[converse ?? '-', messages ?? '-', toMessages ?? '-', toConverse ?? '-', note].join(' | ')} |`.replace(
    '|  |',
    '| |',
  )
}
