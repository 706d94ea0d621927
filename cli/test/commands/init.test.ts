import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { findConfigWarnings, parseConfig } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { printStarterConfig } from '../../src/starter-config.ts'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('writes a configuration with which the emulator answers, and never replaces a file', async () => {
  const cwd = temporaryFolder()

  const { code, out } = await run(['init'], { cwd })
  const text = readFileSync(join(cwd, 'anthology.yaml'), 'utf8')
  const again = await run(['init'], { cwd })
  const named = await run(['init', '--config', 'other.yaml', '--json'], { cwd })

  expect(code).toBe(0)
  expect(out).toContain('anthology.yaml is written')
  expect(parseConfig(text, 'anthology.yaml', {})).toEqual({ port: 7171, host: '127.0.0.1', limits: {} })
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('anthology.yaml exists') })
  expect(readFileSync(join(cwd, 'anthology.yaml'), 'utf8')).toBe(text)
  expect(JSON.parse(named.out)).toEqual({ file: join(cwd, 'other.yaml') })
})

test('all examples of the file together are valid, and none is without an effect', () => {
  const text = printStarterConfig(null).replaceAll(/^#- /gm, '')
  const env = { ANTHROPIC_API_KEY: 'sk-ant-one', AZURE_KEY: 'key' }

  const config = parseConfig(text, 'anthology.yaml', env)

  expect(config).toMatchObject({ labels: ['project'], budgets: [{}, {}, {}] })
  expect(findConfigWarnings(config.upstreams ?? [], config, Date.now())).toEqual([])
})

test('in a folder with an installation the file names its schema', () => {
  expect(printStarterConfig('gateway/anthology.schema.json')).toMatch(
    /^# yaml-language-server: \$schema=gateway\/anthology\.schema\.json\n# The configuration/,
  )
})
