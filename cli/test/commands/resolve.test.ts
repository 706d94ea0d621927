import { expect, test } from 'vitest'
import { run } from '../console.ts'

test('says what a name is and what the model is called elsewhere', async () => {
  expect(await run(['resolve', 'eu.anthropic.claude-sonnet-4-20250514-v1:0'])).toEqual({
    code: 0,
    err: '',
    out: [
      'eu.anthropic.claude-sonnet-4-20250514-v1:0 is Claude Sonnet 4 (its id on AWS Bedrock)',
      '  Claude API   claude-sonnet-4-20250514',
      '  Aliases      claude-sonnet-4-0, claude-4-sonnet-20250514',
      '  AWS Bedrock  anthropic.claude-sonnet-4-20250514-v1:0',
      '  Vertex AI    claude-sonnet-4@20250514',
      '  Foundry      -',
      '',
    ].join('\n'),
  })
})

test('answers no when one of several names is unknown, and still resolves the others', async () => {
  const { code, out, err } = await run(['resolve', 'claude-opus-4-1', 'claude-opus-9'])

  expect(code).toBe(1)
  expect(out).toContain('claude-opus-4-1-20250805')
  expect(err).toContain('no model is called "claude-opus-9"')
})

test('prints one JSON entry for each name', async () => {
  const { code, out } = await run(['resolve', 'claude-opus-4-0', 'sonnet 3.5', '--json'])

  expect(code).toBe(1)
  expect(JSON.parse(out)).toEqual([
    {
      name: 'claude-opus-4-0',
      id: 'claude-opus-4-20250514',
      as: 'alias',
      display_name: 'Claude Opus 4',
      aliases: ['claude-opus-4-0'],
      other_ids: ['claude-4-opus-20250514'],
      platforms: {
        anthropic: 'claude-opus-4-20250514',
        bedrock: 'anthropic.claude-opus-4-20250514-v1:0',
        vertex: 'claude-opus-4@20250514',
        foundry: null,
      },
    },
    {
      name: 'sonnet 3.5',
      id: null,
      because: 'ambiguous',
      suggestions: ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-20240620'],
    },
  ])
})

test('asks for a name', async () => {
  const { code, err } = await run(['resolve'])

  expect(code).toBe(2)
  expect(err).toContain('which name?')
})
