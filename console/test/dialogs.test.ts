import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openPage as openAt, startConsole, untilLoaded } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'
import { hold } from './browser.ts'
import type { TestWindow } from './browser.ts'

/** As long as a name may be, without a place to break it, and one that runs from right to left. */
const longName = `${'x'.repeat(60)}-ends-here-at-eighty`
const rightToLeft = 'שלום עולם'

let rig: ConsoleTest
let window: TestWindow
let page: Page

const openPage = (path: string) => openAt(page, rig.server, path)
const dialog = () => page.getByRole('dialog')

beforeAll(async () => {
  rig = await startConsole({ budgets: { labels: ['project'] } })
  for (const name of [longName, rightToLeft]) {
    const { id } = await rig.server.admin<{ readonly id: string }>('POST', '/admin/v1/workspaces', { name })
    await rig.server.admin('POST', '/admin/v1/keys', { name, workspace_id: id })
    await rig.server.admin('POST', '/admin/v1/members', { name, role: 'viewer' })
    const scope = `workspace:${name}`
    await rig.server.admin('POST', '/admin/v1/budgets', {
      scope,
      limit: '1234567.123456789',
      window: 'month',
    })
  }
  window = await rig.signIn()
  page = window.page
})

afterAll(async () => {
  await window.close()
  await rig.close()
})

/** Every dialog that a button of a page opens, by the name of the button. */
const dialogs: readonly (readonly [path: string, button: string])[] = [
  ['/keys', 'Create a key'],
  ['/keys', `Edit ${longName}`],
  ['/keys', `Rotate ${longName}`],
  ['/keys', `Revoke ${longName}`],
  ['/workspaces', 'Create a workspace'],
  ['/workspaces', `Archive ${longName}`],
  ['/members', 'Add a member'],
  ['/members', `Archive ${longName}`],
  ['/budgets', 'Set a budget'],
  ['/budgets', `Burn-down of workspace:${longName}`],
  ['/budgets', `Edit the budget of workspace:${longName}`],
  ['/budgets', `Raise the budget of workspace:${longName}`],
  ['/budgets', `Remove the budget of workspace:${longName}`],
  ['/audit', 'Show the change budget set'],
  ['/routing', 'Add an alias'],
  ['/routing', 'Edit weights'],
  ['/invoices', 'Set'],
  ['/playground', 'Get code'],
  ['/playground', 'Prompts'],
]

test('every dialog fits its window, keeps its buttons in sight, and gives the focus back', async () => {
  const found: string[] = []
  let current = ''
  for (const [path, name] of dialogs) {
    if (path !== current) await openPage(path)
    current = path
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 })
      const button = page.getByRole('button', { name, exact: true }).first()
      await button.focus()
      await page.keyboard.press('Enter')
      await dialog().waitFor()
      await untilLoaded(page)
      found.push(...(await listHidden(page)).map((hidden) => `${path}, ${name}, ${width}: ${hidden}`))
      await page.keyboard.press('Escape')
      await dialog().waitFor({ state: 'detached' })
      // Radix moves the focus in a task of its own.
      const isBack = await page
        .waitForFunction((element) => element === document.activeElement, await button.elementHandle(), {
          timeout: 120_000,
        })
        .catch(() => null)
      if (isBack === null) found.push(`${path}, ${name}, ${width}: the focus is not back`)
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 })

  expect(found).toEqual([])
})

/** Parts of the open dialog that its edge cuts off, and buttons of its form below the edge. */
function listHidden(target: Page): Promise<readonly string[]> {
  return target.evaluate(() => {
    const open = document.querySelector('[role=dialog]')
    if (open === null) return ['no dialog']
    const frame = open.getBoundingClientRect()
    const buttons = [...open.querySelectorAll('form .row.end button')]
    return [
      ...(open.scrollWidth > open.clientWidth ? ['it is wider than its frame'] : []),
      ...buttons
        .filter((button) => button.getBoundingClientRect().bottom > frame.bottom)
        .map((button) => `${button.textContent} is out of sight`),
    ]
  })
}

test('a long name leaves the buttons of its row in sight', async () => {
  const rights: Record<string, number> = {}
  for (const path of ['/keys', '/workspaces', '/members', '/budgets']) {
    await openPage(path)
    const box = await page.locator('tbody tr').last().getByRole('button').last().boundingBox()
    rights[path] = (box?.x ?? Infinity) + (box?.width ?? 0)
  }

  expect(Object.entries(rights).filter(([, right]) => right > 1280)).toEqual([])
})

test('Escape asks before it discards a form, and Cancel does not', async () => {
  await openPage('/members')
  const add = page.getByRole('button', { name: 'Add a member' })
  await add.click()
  await dialog().getByLabel('Name').fill('Zoe')

  await page.keyboard.press('Escape')
  await dialog().getByText('Your changes are not saved.').waitFor()
  await page.keyboard.press('Enter')
  const kept = await dialog().getByLabel('Name').inputValue()
  await page.mouse.click(5, 5)
  await dialog().getByRole('button', { name: 'Discard them' }).click()
  await dialog().waitFor({ state: 'detached' })
  await add.click()
  const again = await dialog().getByLabel('Name').inputValue()
  await dialog().getByLabel('Name').fill('Zoe')
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  await dialog().waitFor({ state: 'detached' })

  expect([kept, again]).toEqual(['Zoe', ''])
})

test('a refused member is named at its field, without the words of the request', async () => {
  await openPage('/keys')
  await page.getByRole('button', { name: 'Create a key' }).click()
  await dialog().getByLabel('Name', { exact: true }).fill('refused')
  await dialog()
    .getByLabel(/^Models/)
    .fill('claude-sonnet-4-5, gpt-5')

  await dialog().getByRole('button', { name: 'Create a key' }).click()
  const message = await dialog().getByRole('alert').innerText()
  const isMarked = await dialog()
    .getByLabel(/^Models/)
    .getAttribute('aria-invalid')
  await dialog().getByRole('button', { name: 'Cancel' }).click()

  expect(message).toBe('there is no model "gpt-5"')
  expect(isMarked).toBe('true')
})

test('a new key stays when the page beside it is clicked', async () => {
  await openPage('/keys')
  await page.getByRole('button', { name: 'Create a key' }).click()
  await dialog().getByLabel('Name', { exact: true }).fill('kept')
  await dialog().getByRole('button', { name: 'Create a key' }).click()
  await dialog().getByText('Copy it now').waitFor()

  await page.mouse.click(5, 5)
  const secret = await dialog().getByRole('region', { name: 'the new key' }).innerText()
  await dialog().getByRole('button', { name: 'I have copied it' }).click()

  expect(secret).toMatch(/^sk-anthology-/)
})

test('a dialog stays until the result of what it has sent is known', async () => {
  await openPage('/keys')
  const release = await hold(page, '**/admin/v1/keys')
  await page.getByRole('button', { name: 'Create a key' }).click()
  await dialog().getByLabel('Name', { exact: true }).fill('slow')
  await dialog().getByRole('button', { name: 'Create a key' }).click()
  const cancel = dialog().getByRole('button', { name: 'Cancel' })
  await expect.poll(() => cancel.isDisabled()).toBe(true)
  await page.keyboard.press('Escape')
  const questions = await dialog().getByRole('alert').count()
  release()
  await dialog().getByText('Copy it now').waitFor()
  await dialog().getByRole('button', { name: 'I have copied it' }).click()

  const { promise, resolve: fail } = Promise.withResolvers<void>()
  await page.route('**/admin/v1/keys/*', async (route) => {
    await promise
    await route.fulfill({ status: 503, json: { detail: 'the store does not answer' } })
  })
  await page.getByRole('button', { name: 'Revoke slow' }).click()
  await dialog().getByLabel('Type slow to confirm').fill('slow')
  await dialog().getByRole('button', { name: 'Revoke' }).click()
  await page.keyboard.press('Escape')
  fail()
  await dialog().getByText('the store does not answer').waitFor()
  await page.unroute('**/admin/v1/keys/*')

  expect(questions).toBe(0)
})

test('a dialog whose server never answers says so after a minute, and can be left', async () => {
  const other = await rig.signIn()
  await openAt(other.page, rig.server, '/workspaces')
  await other.page.clock.install()
  const release = await hold(other.page, '**/admin/v1/workspaces')
  await other.page.getByRole('button', { name: 'Create a workspace' }).click()
  const form = other.page.getByRole('dialog')
  await form.getByLabel('Name', { exact: true }).fill('never')
  await form.getByRole('button', { name: 'Create a workspace' }).click()
  await expect.poll(() => form.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true)
  await other.page.clock.fastForward(60_000)
  await form.getByText('Reload the page to see whether it has made the change.').waitFor()
  await form.getByRole('button', { name: 'Cancel' }).click()
  await form.waitFor({ state: 'detached' })
  release()
  await other.close()
})

test('the keyboard passes roles without giving them: a role is given by its button', async () => {
  await openPage('/members')
  const choice = page.getByLabel(`Role of ${rightToLeft}`)
  const readRole = async () => {
    const { data } = await rig.server.admin<{
      readonly data: readonly { readonly name: string; readonly role: string }[]
    }>('GET', '/admin/v1/members')
    return data.find(({ name }) => name === rightToLeft)?.role
  }
  const before = await readRole()
  await choice.focus()
  for (const key of ['Home', 'ArrowDown', 'ArrowUp']) await page.keyboard.press(key)
  const passed = await choice.inputValue()
  await page.reload()
  await expect.poll(() => choice.inputValue()).toBe(before)

  expect(passed).toBe('admin')
  expect(await readRole()).toBe(before)
})

test('a role that was chosen is shown while it is sent, and a second choice waits', async () => {
  await openPage('/members')
  const choice = page.getByLabel(`Role of ${rightToLeft}`)
  const release = await hold(page, '**/admin/v1/members/*')
  await choice.selectOption('billing')
  await page.getByRole('button', { name: `Save the role for ${rightToLeft}` }).click()
  const isFocused = await choice.evaluate((element) => element === document.activeElement)
  const chosen = await choice.inputValue()
  await choice.selectOption('admin')
  const second = await choice.inputValue()
  release()
  await page.reload()
  await expect.poll(() => choice.inputValue()).toBe('billing')

  expect([chosen, second]).toEqual(['billing', 'billing'])
  expect(isFocused).toBe(true)
})

test('a budget is set from suggestions and edited with everything that the file can say', async () => {
  await openPage('/budgets')
  await page.getByRole('button', { name: 'Set a budget' }).click()
  const suggestions = () =>
    dialog()
      .locator('datalist option')
      .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value))
  const kinds = [
    ['a workspace', rightToLeft],
    ['a key', longName],
    ['a label', 'project='],
  ] as const
  for (const [kind, suggestion] of kinds) {
    await dialog().getByLabel('Limits the calls of').selectOption(kind)
    await expect.poll(suggestions).toContain(suggestion)
  }
  await dialog().getByLabel('Label, as name=value').fill('project=apollo')
  await dialog().getByLabel('Limit in US dollars').fill('10')
  await dialog().getByRole('button', { name: 'Set a budget' }).click()

  await page.getByRole('button', { name: 'Edit the budget of label:project=apollo' }).click()
  await dialog().getByLabel('Limit in US dollars').fill('12.5')
  await dialog()
    .getByLabel(/^Models/)
    .fill('claude-opus-4-1, claude-sonnet-4-5')
  await dialog()
    .getByLabel(/^Time zone/)
    .fill('Europe/Berlin')
  await dialog()
    .getByLabel(/^Rolling/)
    .check()
  await dialog()
    .getByLabel(/^Warn at/)
    .fill('50, 90')
  await dialog().getByLabel('When it is reached').selectOption('only warn')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('The budget of label:project=apollo is changed.').waitFor()
  const { data } = await rig.server.admin<{ readonly data: readonly { readonly scope: string }[] }>(
    'GET',
    '/admin/v1/budgets',
  )

  expect(data.find(({ scope }) => scope === 'label:project=apollo')).toMatchObject({
    limit: '12.50',
    models: ['claude-opus-4-1-20250805', 'claude-sonnet-4-5-20250929'],
    timezone: 'Europe/Berlin',
    rolling: true,
    thresholds: [50, 90],
    action: 'warn',
  })
})
