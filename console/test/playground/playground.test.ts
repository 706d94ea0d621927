import { afterAll, beforeAll, expect, test } from 'vitest'

import { checkAccessibility } from '../accessibility.ts'
import { hold } from '../browser.ts'
import { findAnswer, readFigure, run, startPlayground } from './open-playground.ts'
import type { PlaygroundTest } from './open-playground.ts'

let playground: PlaygroundTest

beforeAll(async () => {
  playground = await startPlayground()
})

afterAll(() => playground.close())

interface LoggedCall {
  readonly call: { readonly cost_usd: string; readonly streamed: boolean; readonly outcome: string }
}

test('a streamed answer that calls a tool costs what the ledger says, and continues with the result', async () => {
  const page = await playground.open()
  const answer = findAnswer(page, 'Claude Sonnet 4.5')
  await run(page)
  await answer.getByText('Calls get_weather').waitFor()
  const link = answer.getByRole('link', { name: 'Open the call' })
  const id = new URL((await link.getAttribute('href')) ?? '', playground.server.url).searchParams.get('open')
  const cost = await readFigure(answer, 'Cost')
  await playground.server.untilStored(id ?? '')
  const logged = await playground.server.admin<LoggedCall>('GET', `/admin/v1/calls/${id}`)

  await answer.getByRole('button', { name: 'Continue the conversation' }).click()
  await page.getByLabel('Result of get_weather').fill('Sunny, 21 degrees')
  await run(page)
  await expect.poll(() => readFigure(answer, 'Stop reason')).toBe('end_turn')

  expect(logged.call).toMatchObject({ streamed: true, outcome: 'answered' })
  expect(cost).toBe(`$${logged.call.cost_usd.replace(/0+$/, '')}`)
  expect(playground.window.problems).toEqual([])
})

test('a page that is loaded again keeps its key under another secret, and replaces one that was revoked', async () => {
  const { page } = await playground.signIn()
  const secrets: string[] = []
  page.on('request', (sent) => {
    if (sent.url().endsWith('/v1/messages')) secrets.push(sent.headers()['x-api-key'] ?? '')
  })
  const runOnce = async () => {
    await page.goto(`${playground.server.url}/console/playground?m=claude-sonnet-4-5-20250929`)
    await page.getByRole('button', { name: 'Example' }).click()
    await run(page)
    await page.getByRole('link', { name: 'Open the call' }).waitFor()
  }
  const before = new Set((await listKeys()).map(({ id }) => id))
  const listNew = async () => (await listKeys()).filter(({ id }) => !before.has(id))

  await runOnce()
  await runOnce()
  const [key, ...others] = await listNew()
  const kept = await page.evaluate(() =>
    JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage)]),
  )
  await playground.server.admin('DELETE', `/admin/v1/keys/${key?.id ?? ''}`)
  await runOnce()

  expect(others).toEqual([])
  expect(new Set(secrets).size).toBe(3)
  expect(secrets.filter((secret) => secret === '' || kept.includes(secret))).toEqual([])
  const [first = ''] = secrets
  const headers = { 'x-api-key': first, 'anthropic-version': '2023-06-01' }
  expect((await fetch(`${playground.server.url}/v1/models`, { headers })).status).toBe(401)
  expect(await listNew()).toHaveLength(2)
})

test('a key that the user gives while another one is created stays', async () => {
  const { page, close } = await playground.signIn()
  await page.goto(`${playground.server.url}/console/playground?m=claude-sonnet-4-5-20250929`)
  await page.getByRole('button', { name: 'Example' }).click()
  const release = await hold(page, '**/admin/v1/keys')
  const creation = page.waitForRequest('**/admin/v1/keys')
  await run(page)
  await creation
  await page.locator('summary', { hasText: /^Key$/ }).click()
  await page.getByLabel('Use a key of your own').fill(playground.server.key)
  release()
  await page.getByRole('link', { name: 'Open the call' }).waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
  const sent = page.waitForRequest('**/v1/messages')
  await run(page)
  const key = (await sent).headers()['x-api-key']
  await close()

  expect(key).toBe(playground.server.key)
})

async function listKeys(): Promise<readonly { readonly id: string }[]> {
  const { data } = await playground.server.admin<{ readonly data: readonly { readonly id: string }[] }>(
    'GET',
    '/admin/v1/keys?limit=100',
  )
  return data
}

test('the link of an answer opens its call in the list of calls', async () => {
  const page = await playground.open()
  await run(page)
  await page.getByRole('link', { name: 'Open the call' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('claude-sonnet-4-5-20250929').first().waitFor()
  expect(await dialog.getByText('emulator').count()).toBeGreaterThan(0)
})

test('two models answer side by side, each with its own price', async () => {
  const page = await playground.open()
  await page.getByRole('button', { name: 'Add a model to compare' }).click()
  await page.getByLabel('Model 2').selectOption({ label: 'Claude Haiku 4.5' })
  await run(page)
  const [sonnet, haiku] = [findAnswer(page, 'Claude Sonnet 4.5'), findAnswer(page, 'Claude Haiku 4.5')]
  await expect.poll(() => sonnet.getByText('Cost').count()).toBe(1)
  await expect.poll(() => haiku.getByText('Cost').count()).toBe(1)
  expect(new URL(page.url()).searchParams.get('m')).toBe(
    'claude-sonnet-4-5-20250929,claude-haiku-4-5-20251001',
  )
  expect(await readFigure(sonnet, 'Cost')).not.toBe(await readFigure(haiku, 'Cost'))
})

test('Stop ends a slow stream and keeps what had arrived', async () => {
  playground.emulator.use({
    when: { last_user: 'slowly' },
    fault: { between_events_ms: 400 },
    reply: { text: 'One two three four five six seven eight nine ten eleven twelve.'.repeat(20) },
  })
  const page = await playground.open()
  await page.getByRole('textbox', { name: 'User message 1' }).fill('Count slowly')
  await run(page)
  const answer = findAnswer(page, 'Claude Sonnet 4.5')
  await answer.getByText('One').first().waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await answer.getByText('Stopped.').waitFor()
  expect(await answer.locator('.answer-text').innerText()).toMatch(/^One/)
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
})

test("a request that a model refuses shows the API's own words before it is sent", async () => {
  const page = await playground.open('?m=claude-opus-4-1-20250805')
  await page.getByLabel('Temperature').fill('0.5')
  await page.getByLabel('top_p').fill('0.5')
  const shown = await page.getByRole('list', { name: 'What the API would say' }).innerText()
  const response = await playground.server.call({
    model: 'claude-opus-4-1',
    temperature: 0.5,
    top_p: 0.5,
    messages: [{ role: 'user', content: 'Hello' }],
  })
  const { error } = (await response.json()) as { readonly error: { readonly message: string } }
  expect(response.status).toBe(400)
  expect(shown).toContain(`400 ${error.message}`)
})

test('markup in an answer, in an input of a tool and in an error is shown and never runs', async () => {
  const hostile =
    '<img src=x onerror="window.ran=1"><script>window.ran=1</script>[x](javascript:window.ran=1)'
  playground.emulator.use({ when: { last_user: 'say it' }, reply: { text: hostile } })
  playground.emulator.use({
    when: { last_user: 'call it' },
    reply: { tool_calls: [{ name: 'get_weather', input: { city: hostile } }] },
  })
  playground.emulator.use({ when: { last_user: 'fail' }, fault: { status: 400, error: hostile } })
  const page = await playground.open()
  for (const prompt of ['say it', 'call it', 'fail']) {
    await page.getByRole('textbox', { name: 'User message 1' }).fill(prompt)
    await run(page)
    await findAnswer(page, 'Claude Sonnet 4.5').getByText('<script>').first().waitFor()
  }
  const answer = findAnswer(page, 'Claude Sonnet 4.5')
  await answer.getByText(/^Events/).click()
  expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false)
  expect(await answer.locator('img, script, a[href^="javascript:"]').count()).toBe(0)
  expect(playground.window.problems).toEqual([])
})

test('a deprecated model says until when it answers and what takes its place, and is not the usual one', async () => {
  const page = await playground.open('?m=claude-3-haiku-20240307')
  const notice = await findAnswer(page, 'Claude Haiku 3')
    .getByText(/^This model /)
    .innerText()
  const said = await findAnswer(page, 'Claude Haiku 3')
    .getByText(/retire|deprecated/)
    .count()
  await page.goto(`${playground.server.url}/console/playground`)
  await page.getByRole('region', { name: /^Answer: Claude Sonnet/ }).waitFor()
  const notices = await page.getByText(/^This model (?:is|was)/).count()

  expect(notice).toMatch(
    /^This model (?:is deprecated and retires|was retired) on \d{4}-\d\d-\d\d\. Move to claude-/,
  )
  expect(said).toBe(1)
  expect(notices).toBe(0)
})

test('a parameter that no chosen model takes is offered only to take it back', async () => {
  const page = await playground.open()
  const temperature = page.getByLabel('Temperature')
  await temperature.fill('0.4')
  await page.getByLabel('Model 1').selectOption({ label: 'Claude Opus 5.5' })
  await page.getByRole('region', { name: 'Answer: Claude Opus 5.5' }).waitFor()
  const [kept, others] = [await temperature.inputValue(), await page.getByLabel('top_k').count()]
  await temperature.fill('')
  await temperature.waitFor({ state: 'detached' })

  expect([kept, others]).toEqual(['0.4', 0])
})

test('each of several models is named with the length from which it caches', async () => {
  const page = await playground.open('?m=claude-sonnet-4-5-20250929,claude-haiku-4-5-20251001')
  await page.getByRole('checkbox', { name: 'after the last message' }).check()
  const said = await page.getByText(/caches prompts from/).innerText()

  expect(said).toContain('Claude Sonnet 4.5 caches prompts from 1,024 tokens on.')
  expect(said).toContain('Claude Haiku 4.5 caches prompts from 4,096 tokens on.')
})

test('the model to move to stands in the address', async () => {
  const page = await playground.open()
  await page.getByText('What changes on another model').click()
  await page.getByLabel('Move to').selectOption({ label: 'Claude Haiku 4.5' })
  await expect.poll(() => new URL(page.url()).searchParams.get('to')).toBe('claude-haiku-4-5-20251001')
  await page.reload()
  const chosen = await page.getByLabel('Move to').inputValue()

  expect(chosen).toBe('claude-haiku-4-5-20251001')
  await page.getByRole('rowheader', { name: 'Input, USD per million tokens' }).waitFor()
})

test('four answers stand side by side at the usual width', async () => {
  const page = await playground.open()
  const answers = page.getByRole('region', { name: /^Answer: / })
  for (const count of [2, 3, 4]) {
    await page.getByRole('button', { name: 'Add a model to compare' }).click()
    await expect.poll(() => answers.count()).toBe(count)
  }
  const boxes = await Promise.all((await answers.all()).map((answer) => answer.boundingBox()))

  expect(new Set(boxes.map((box) => box?.y)).size).toBe(1)
  expect(Math.min(...boxes.map((box) => box?.width ?? 0))).toBeGreaterThanOrEqual(230)
})

test('a prompt that the example or Clear replaces can be had back', async () => {
  const page = await playground.open()
  const message = page.getByRole('textbox', { name: 'User message 1' })
  await message.fill('My own words')

  await page.getByRole('button', { name: 'Clear' }).click()
  const cleared = await message.inputValue()
  await page.getByRole('button', { name: 'Get mine back' }).click()
  const back = await message.inputValue()
  const offers = await page.getByRole('button', { name: 'Get mine back' }).count()

  expect([cleared, back, offers]).toEqual(['', 'My own words', 0])
})

test('over plain http from another machine, where browsers lack some functions, a prompt runs', async () => {
  const { page, close } = await playground.signIn()
  await page.addInitScript(() => {
    Object.defineProperty(crypto, 'randomUUID', { value: undefined })
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
  })
  await page.goto(`${playground.server.url}/console/playground?m=claude-sonnet-4-5-20250929`)

  await page.getByRole('button', { name: 'Add assistant message' }).click()
  await page.getByRole('button', { name: 'Example' }).click()
  await run(page)
  const cost = await readFigure(findAnswer(page, 'Claude Sonnet 4.5'), 'Cost')
  await close()

  expect(cost).toMatch(/^\$0\.\d+$/)
})

test('after the key of the session was revoked, a run says so and the next one has another key', async () => {
  const page = await playground.open()
  const answer = findAnswer(page, 'Claude Sonnet 4.5')
  await run(page)
  await expect.poll(() => answer.getByText('Cost').count()).toBe(1)
  const { data } = await playground.server.admin<{
    readonly data: readonly { readonly id: string; readonly name: string }[]
  }>('GET', '/admin/v1/keys?status=active')
  for (const { id, name } of data)
    if (name.startsWith('playground')) await playground.server.admin('DELETE', `/admin/v1/keys/${id}`)

  await expect
    .poll(async () => {
      await run(page)
      await answer.getByText('Total').waitFor()
      return answer.getByRole('alert').count()
    })
    .toBe(1)
  await run(page)
  await expect.poll(() => answer.getByText('Cost').count()).toBe(1)

  expect(await answer.getByRole('alert').count()).toBe(0)
})

test('on a narrow window the answer follows the prompt, before the settings', async () => {
  const page = await playground.open()
  await page.setViewportSize({ width: 360, height: 800 })
  const top = async (name: string) =>
    (await page.getByRole('region', { name }).boundingBox())?.y ?? Number.NaN
  const [prompt, answer, settings] = [
    await top('User message 1'),
    await top('Answer: Claude Sonnet 4.5'),
    await top('Settings'),
  ]
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  await page.setViewportSize({ width: 1280, height: 900 })
  expect(prompt).toBeLessThan(answer)
  expect(answer).toBeLessThan(settings)
  expect(overflow).toBeLessThanOrEqual(0)
})

test('axe finds nothing after a run, light and dark, narrow and wide', async () => {
  const page = await playground.open()
  await run(page)
  await page.getByText('Calls get_weather').waitFor()
  for (const text of ['Stop sequences and betas', /^Events/, 'Request as JSON', /^Tools get_weather/])
    await page.getByText(text).first().click()
  await page.locator('.cm-editor').first().waitFor()
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [360, 'light'],
    [1280, 'dark'],
    [360, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    expect([width, colorScheme, await checkAccessibility(page)]).toEqual([width, colorScheme, []])
  }
})

test('the code of the request is shown for a cloud, with the name that it has there', async () => {
  const page = await playground.open()
  await page.getByRole('button', { name: 'Get code' }).click()
  await page.getByLabel('Send to').selectOption({ label: 'Amazon Bedrock' })
  await page.getByRole('button', { name: 'Python' }).click()
  const code = await page.getByRole('region', { name: 'Code in Python' }).innerText()
  const findings = await checkAccessibility(page, { part: '[role=dialog]' })
  await page.keyboard.press('Escape')
  expect(code).toContain('AnthropicBedrock(aws_region="us-east-1")')
  expect(code).toContain('model="us.anthropic.claude-sonnet-4-5-20250929-v1:0"')
  expect(findings).toEqual([])
})
