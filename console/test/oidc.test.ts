import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { buildConsole, isConsoleStale } from '../../scripts/build-console.mjs'
import { openWindow, startBrowser } from './browser.ts'
import type { TestWindow } from './browser.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer } from './console-server.ts'

// A real provider at another site: the browser calls it localhost, and the gateway 127.0.0.1.

let browser: Browser
let server: ConsoleServer
let provider: Server

const groups: Readonly<Record<string, readonly string[]>> = {
  ann: ['platform', 'finance'],
  bea: ['research'],
  cem: ['lunch'],
  dan: ['finance'],
  eva: ['audit'],
  fay: ['controlling'],
}

beforeAll(async () => {
  if (isConsoleStale()) buildConsole(process.execPath)
  browser = await startBrowser()
  provider = createServer()
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const { port } = provider.address() as AddressInfo // It listens on a port.
  const issuer = `http://localhost:${port}`
  server = await startConsoleServer({
    console: {
      oidc: {
        issuer,
        client_id: 'anthology',
        client_secret: 'a-secret-of-the-test',
        name: 'Example',
        scopes: ['openid', 'profile', 'email', 'groups'],
        roles: {
          platform: 'admin',
          finance: 'billing',
          research: 'member',
          audit: 'viewer',
          controlling: 'billing',
        },
        workspaces: { research: ['research'], audit: ['*'], controlling: ['research'] },
      },
    },
  })
  const answer = createProvider(issuer, `${server.url}/console/oidc/callback`).callback()
  provider.on('request', (request, response) => void answer(request, response))
})

afterAll(async () => {
  await browser.close()
  await server.close()
  provider.closeAllConnections()
  provider.close()
})

test('a user of several groups gets the role that may do most', async () => {
  const window = await signIn('ann')
  await window.page.getByRole('heading', { name: 'Start' }).waitFor()
  await expect.poll(() => window.page.getByText('Ann Example (admin)').count()).toBe(1)
  const [address, cookies] = [window.page.url(), await window.context.cookies(server.url)]
  await window.close()

  expect(address).toBe(`${server.url}/console/`)
  expect(cookies.filter(({ name }) => name.startsWith('anthology')).map(({ sameSite }) => sameSite)).toEqual([
    'Strict',
  ])
})

test('an empty list of keys tells a role that creates none who does', async () => {
  const window = await signIn('eva', '/keys')
  const said = await window.page.getByText('There is no key that you see.').innerText()
  const buttons = await window.page.getByRole('button', { name: 'Create a key' }).count()
  await window.close()

  expect(said).toContain('An administrator creates them.')
  expect(buttons).toBe(0)
})

test('the sign-in of a provider comes back to the page that was asked for', async () => {
  const window = await signIn('ann', '/keys?revoked=on#of-a-link')
  await window.page.getByRole('heading', { name: 'Keys' }).waitFor()
  const address = window.page.url()
  await window.close()

  expect(address).toBe(`${server.url}/console/keys?revoked=on#of-a-link`)
})

test('a member sees the own calls in the own workspaces, until the member is archived', async () => {
  const refused = await signIn('bea')
  const reason = await refused.page.getByRole('alert').innerText()
  await refused.close()
  const workspace = await server.admin<{ readonly id: string }>('POST', '/admin/v1/workspaces', {
    name: 'research',
  })
  const member = { name: 'Bea', email: 'bea@example.com', role: 'member' }
  const { id } = await server.admin<{ readonly id: string }>('POST', '/admin/v1/members', member)

  const window = await signIn('bea')
  await window.page.getByRole('heading', { name: 'Start' }).waitFor()
  const links = await window.page.getByRole('navigation').first().innerText()
  const session = await window.page.evaluate(async () => (await fetch('/console/session')).json() as unknown)
  const audit = await window.page.evaluate(async () => (await fetch('/admin/v1/audit')).status)
  await server.admin('DELETE', `/admin/v1/members/${id}`)
  const after = await window.page.evaluate(async () => (await fetch('/admin/v1/calls')).status)
  await window.close()

  expect(reason).toContain('nobody with your email address is a member')
  expect(links).not.toContain('Audit')
  expect(session).toMatchObject({ role: 'member', member_id: id, workspaces: [workspace.id] })
  expect(audit).toBe(403)
  expect(after).toBe(401)
})

test('a member of one workspace gets keys there, and other pages say which role has them', async () => {
  const member = { name: 'Bea again', email: 'bea@example.com', role: 'member' }
  await server.admin('POST', '/admin/v1/members', member)
  const window = await signIn('bea')
  const { page } = window
  await page.getByRole('button', { name: 'Create a key for these snippets' }).click()
  await page.getByText('This key is shown only now').waitFor()
  await page.goto(`${server.url}/console/playground`)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('Cost', { exact: true }).waitFor()
  await page.goto(`${server.url}/console/keys`)
  await page.getByRole('table', { name: 'Keys' }).waitFor()
  await expect.poll(() => page.locator('tbody').innerText()).toContain('research')
  const workspaces = await page.locator('tbody td:nth-of-type(4)').allInnerTexts()
  await page.getByRole('button', { name: 'Create a key' }).click()
  const chosen = page.getByLabel('Workspace').locator('option:checked')
  await expect.poll(() => chosen.innerText()).toBe('research')
  await page.goto(`${server.url}/console/budgets`)
  const refusal = await page.getByText(/^Your role does not have this page/).innerText()
  const { problems } = window
  await window.close()

  expect(workspaces).toEqual(['research', 'research'])
  expect(refusal).toContain('admin, billing, viewer')
  expect(problems.filter((problem) => !problem.includes('ERR_NAME_NOT_RESOLVED'))).toEqual([])
})

test('a user whose groups see no workspace reads why in place of empty lists', async () => {
  const window = await signIn('dan')
  const { page } = window
  const start = await page.getByText(/^You may see no workspace/).innerText()
  const texts: string[] = []
  for (const path of ['usage', 'invoices', 'calls', 'sessions', 'cache', 'keys', 'workspaces', 'budgets']) {
    await page.goto(`${server.url}/console/${path}`)
    texts.push(await page.locator('#content').innerText())
  }
  await page.goto(`${server.url}/console/upstreams`)
  await page.getByRole('heading', { name: 'emulator' }).waitFor()
  await window.close()

  expect(start).toContain('console.oidc.workspaces')
  expect(texts.filter((text) => !text.includes('You may see no workspace'))).toEqual([])
  expect(texts.filter((text) => text.includes('could not be loaded'))).toEqual([])
})

test('a viewer of all workspaces sees the calls of each, and learns that the role creates no key', async () => {
  await server.call({ messages: [{ role: 'user', content: 'Hello' }] })
  const window = await signIn('eva')
  const { page } = window
  await page.getByText('Your role does not create keys').waitFor()
  const buttons = await page.getByRole('button', { name: 'Create a key for these snippets' }).count()
  await page.goto(`${server.url}/console/calls`)
  await page.getByRole('table', { name: 'Calls' }).waitFor()
  await page.goto(`${server.url}/console/playground`)
  await page.getByText('Your role does not create keys').waitFor()
  const { id } = await findWorkspace('research')
  const member = { name: 'Eva', email: 'eva@example.com', role: 'viewer', workspaces: [id] }
  await server.admin('POST', '/admin/v1/members', member)
  await window.close()

  const limited = await signIn('eva')
  const session = await limited.page.evaluate(async () => (await fetch('/console/session')).json() as unknown)
  await limited.close()

  expect(buttons).toBe(0)
  expect(session).toMatchObject({ role: 'viewer', workspaces: [id] })
})

test('the invoices of a user who sees one workspace begin with it', async () => {
  const window = await signIn('fay')
  const { page } = window
  await page.goto(`${server.url}/console/invoices`)
  await page.getByRole('heading', { name: 'Markup or discount' }).waitFor()
  const choice = page.getByLabel('Workspace')
  await expect.poll(() => choice.locator('option').allInnerTexts()).toEqual(['research'])
  const alerts = await page.getByText('could not be loaded').count()
  await window.close()

  expect(alerts).toBe(0)
})

test('a user whose groups have no role is not let in, and an answer counts once', async () => {
  const window = await signIn('cem')
  const reason = await window.page.getByRole('alert').innerText()
  const answer = await fetch(`${server.url}/console/oidc/callback?code=stolen&state=guess`, {
    redirect: 'manual',
  })
  await window.close()

  expect(reason).toContain('none of your groups has a role here')
  expect(answer.headers.get('location')).toBe('/console/#sign-in-problem=expired')
})

async function findWorkspace(name: string): Promise<{ readonly id: string }> {
  interface Listed {
    readonly data: readonly { readonly id: string; readonly name: string }[]
  }
  const { data } = await server.admin<Listed>('GET', '/admin/v1/workspaces')
  const found = data.find((workspace) => workspace.name === name)
  if (found === undefined) throw new Error(`there is no workspace ${name}`)
  return found
}

async function signIn(user: string, path = '/'): Promise<TestWindow> {
  const window = await openWindow(browser)
  const { page } = window
  await page.goto(`${server.url}/console${path}`)
  await page.getByRole('link', { name: 'Sign in with Example' }).click()
  await page.locator('input[name="login"]').fill(user)
  await page.locator('input[name="password"]').fill('any')
  await page.locator('button[type="submit"]').click()
  await page.locator('input[name="login"]').waitFor({ state: 'detached' })
  await page.locator('button[type="submit"]').click()
  await page.waitForURL(`${server.url}/console/**`)
  return window
}

function createProvider(issuer: string, redirectUri: string): Provider {
  return new Provider(issuer, {
    clients: [
      { client_id: 'anthology', client_secret: 'a-secret-of-the-test', redirect_uris: [redirectUri] },
    ],
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    pkce: { required: () => true },
    cookies: { keys: ['a-key-of-the-test'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({
        sub: id,
        name: `${id[0]?.toUpperCase()}${id.slice(1)} Example`,
        email: `${id}@example.com`,
        email_verified: true,
        groups: [...(groups[id] ?? [])],
      }),
    }),
  })
}
