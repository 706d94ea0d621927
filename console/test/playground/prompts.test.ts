import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { exampleDraft } from '../../src/pages/playground/draft.ts'
import { printContent, readContent } from '../../src/pages/playground/prompts/saved-content.ts'
import { checkAccessibility } from '../accessibility.ts'
import { hold } from '../browser.ts'
import { startPlayground } from './open-playground.ts'
import type { PlaygroundTest } from './open-playground.ts'

let playground: PlaygroundTest

beforeAll(async () => {
  playground = await startPlayground()
})

afterAll(() => playground.close())

test('a prompt is saved in two versions, compared, and opened again by its address', async () => {
  const page = await playground.open()
  const system = page.getByRole('textbox', { name: 'System prompt' })
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Prompts' }).click()
  await dialog.getByLabel('Name', { exact: true }).fill('weather')
  const save = dialog.getByRole('button', { name: 'Save as a new prompt' })
  const release = await hold(page, '**/admin/v1/prompts')
  await save.click()
  await expect.poll(() => save.isDisabled()).toBe(true)
  release()
  await dialog.getByRole('button', { name: 'Save as version 2 of weather' }).waitFor()
  await page.keyboard.press('Escape')
  await system.fill('You are a verbose assistant.')
  await page.getByRole('button', { name: 'Prompts' }).click()
  await dialog.getByLabel('Note').fill('longer')
  await dialog.getByRole('button', { name: 'Save as version 2 of weather' }).click()
  const diff = dialog.getByRole('region', { name: 'Differences' })
  await diff.waitFor()
  const changed = await diff.innerText()
  const findings = await checkAccessibility(page, { part: '[role=dialog]' })

  const address = new URL(page.url())
  address.searchParams.set('version', '1')
  address.searchParams.delete('dialog')
  await page.goto(address.href)
  await expect.poll(() => system.inputValue()).toBe('You are a concise assistant.')
  await system.fill('An edit stays.')
  await page.getByRole('button', { name: 'Get code' }).click()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  expect(changed).toContain('- You are a concise assistant.')
  expect(changed).toContain('+ You are a verbose assistant.')
  expect(await system.inputValue()).toBe('An edit stays.')
  expect(findings).toEqual([])
  expect(playground.window.problems).toEqual([])
})

test('the open dialog with its choices, and the open test rows are in the address, and back closes the dialog', async () => {
  const page = await playground.open()
  const dialog = page.getByRole('dialog')
  await page.getByText('Test rows').first().click()
  await page.waitForURL(/rows=open/)
  await page.getByRole('button', { name: 'Get code' }).click()
  await dialog.getByLabel('Send to').selectOption('bedrock')
  await dialog.getByRole('button', { name: 'Python' }).click()
  await dialog.getByRole('region', { name: 'Code in Python' }).waitFor()
  await page.reload()
  const code = await dialog.getByRole('region', { name: 'Code in Python' }).innerText()
  await page.goBack()
  await dialog.waitFor({ state: 'detached' })
  const address = new URL(page.url()).searchParams
  const rows = await page.locator('details', { hasText: 'Test rows' }).getAttribute('open')

  expect(code).toContain('AnthropicBedrock')
  expect([...address.keys()]).toEqual(['m', 'rows'])
  expect(rows).not.toBeNull()
})

test('the address of a prompt that does not exist says so', async () => {
  const page = await playground.open('?prompt=prompt_none&version=1')
  await page.getByText("there is no prompt 'prompt_none'").waitFor()
})

test('a saved content is read as it was written, and any other value without an error', () => {
  const content = { models: ['claude-sonnet-4-5-20250929'], draft: exampleDraft }
  const read = readContent(JSON.parse(JSON.stringify(content)))
  expect(read === null ? null : printContent(read)).toBe(printContent(content))

  const members = fc.constantFrom(
    'draft',
    'turns',
    'blocks',
    'kind',
    'text',
    'raw',
    'value',
    'cache',
    'system',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value')),
      fc.dictionary(members, tie('value')),
    ),
  }))
  fc.assert(
    fc.property(value, (draft) => {
      const found = readContent({ draft })
      if (found !== null) expect(typeof printContent(found)).toBe('string')
    }),
  )
})
