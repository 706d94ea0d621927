import { describe, expect, test } from 'vitest'

import { createProxyChoice } from '../../../src/upstreams/proxies/choose-proxy.ts'
import { listProxySecrets, parseProxy } from '../../../src/upstreams/proxies/proxy.ts'

const api = 'https://api.anthropic.com'

describe('the environment', () => {
  test.each([
    [{}, null],
    [{ HTTPS_PROXY: 'http://upper:1' }, 'http://upper:1'],
    [{ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1' }, 'http://lower:1'],
    [{ HTTPS_PROXY: 'http://upper:1', https_proxy: '' }, null],
    [{ HTTPS_PROXY: 'upper:3128' }, 'http://upper:3128'],
    [{ HTTPS_PROXY: 'https://secure.example' }, 'https://secure.example'],
    [{ HTTP_PROXY: 'http://other:1', ALL_PROXY: 'http://all:1' }, null],
  ])('%j names the proxy of an https URL', (env, name) => {
    expect(choose(api, env)).toBe(name)
  })

  test('names another proxy for http URLs', () => {
    const env = { http_proxy: 'http://one:1', https_proxy: 'http://two:2' }

    expect(choose('http://engine.example:8080', env)).toBe('http://one:1')
    expect(choose(api, env)).toBe('http://two:2')
  })

  test.each([
    'http://localhost:8080',
    'http://a.localhost',
    'http://127.0.0.1:1',
    'http://127.9.9.9',
    'https://[::1]:8443',
  ])('has no proxy for %s, which is this machine', (url) => {
    const env = { https_proxy: 'http://proxy:1', http_proxy: 'http://proxy:1' }

    expect(choose(url, env)).toBeNull()
    expect(createProxyChoice('http://own:1', env, 'local').choose(url)?.name).toBe('http://own:1')
  })

  test.each([
    ['api.anthropic.com', true],
    ['anthropic.com', true],
    ['.anthropic.com', true],
    ['*.anthropic.com', true],
    ['*.api.anthropic.com', false],
    ['thropic.com', false],
    ['API.Anthropic.com.', true],
    ['api.anthropic.com:443', true],
    ['api.anthropic.com:8443', false],
    ['other.example, *', true],
    ['one.example two.example', false],
    ['', false],
  ])('NO_PROXY=%s excepts the Claude API: %s', (noProxy, isExcepted) => {
    expect(choose(api, { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: noProxy }) === null).toBe(isExcepted)
  })

  test.each([
    ['10.0.0.0/8', 'https://10.1.2.3:8443', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/33', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://10.example', false],
    ['fd00::/8', 'https://[fd00::1]', true],
    ['[fd00::1]:443', 'https://[fd00::1]', true],
    ['fd00::1', 'https://[fd00::1]', true],
    ['1.2.3.4', 'https://1.2.3.4', true],
    ['2.3.4', 'https://1.2.3.4', false],
  ])('NO_PROXY=%s excepts the address %s: %s', (noProxy, url, isExcepted) => {
    expect(choose(url, { https_proxy: 'http://proxy:1', no_proxy: noProxy }) === null).toBe(isExcepted)
  })
})

describe('an upstream', () => {
  test('replaces the environment with a proxy of its own, or with none', () => {
    const env = { https_proxy: 'http://proxy:1', no_proxy: '*' }

    expect(createProxyChoice('http://own:1', env, 'claude').choose(api)).toMatchObject({
      name: 'http://own:1',
      setBy: "proxy of upstream 'claude'",
    })
    expect(createProxyChoice('none', { https_proxy: 'http://proxy:1' }, 'claude').choose(api)).toBeNull()
  })

  test('gives libraries agents only where a proxy is configured', () => {
    expect(createProxyChoice(undefined, { NO_PROXY: '*' }, 'claude').agents).toBeNull()
    expect(createProxyChoice('none', {}, 'claude').agents).not.toBeNull()
  })
})

describe('the URL of a proxy', () => {
  test.each(['socks5://proxy:1080', 'http://', 'http://a:b:c', 'http://user:%zz@proxy', 'ftp://x'])(
    '%s is rejected without its text, which may contain a password',
    (text) => {
      const parse = () => parseProxy(text, 'HTTPS_PROXY')

      expect(parse).toThrow('HTTPS_PROXY is not the URL of an HTTP proxy')
    },
  )

  test('has a name without user and password, and secrets that are redacted', () => {
    const proxy = parseProxy('http://ann:a%40long-password@proxy.example:3128/path', 'HTTPS_PROXY')

    expect(proxy).toMatchObject({
      name: 'http://proxy.example:3128',
      url: 'http://ann:a%40long-password@proxy.example:3128/',
    })
    expect(listProxySecrets(proxy)).toContain(Buffer.from('ann:a@long-password').toString('base64'))
    expect(listProxySecrets(parseProxy('http://proxy.example', 'HTTPS_PROXY'))).toEqual([])
  })
})

function choose(url: string, env: Readonly<Record<string, string>>): string | null {
  return createProxyChoice(undefined, env, 'claude').choose(url)?.name ?? null
}
