import { resolve } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { createProgram, migrateText } from '../src/index.ts'

// The model of a request is a constant of another file.

const day = '2026-11-29'

function migrate(files: Readonly<Record<string, string>>, to = 'claude-opus-5-5') {
  const found = resolve(to)
  if (!found.ok) throw new Error(`no model ${to}`)
  const move = { target: found.model, from: ['sonnet'], day }
  const texts = new Map(Object.entries(files))
  const program = createProgram(texts)
  const migrated = [...texts].map(([path, text]) => ({ path, ...migrateText(path, text, move, program) }))
  return {
    texts: Object.fromEntries(migrated.map(({ path, text }) => [path, text])),
    findings: migrated.flatMap(({ findings }) => findings),
  }
}

const old = 'claude-3-7-sonnet-20250219'
const call = (model: string, more = 'temperature: 0.2, ') =>
  `await client.messages.create({ model: ${model}, max_tokens: 100, ${more}messages: [{ role: 'user', content: q }] })\n`
const moved = (model: string) => call(model, '')

test.each([
  ['a constant', `import { MODEL } from './models'\n`, 'MODEL', `export const MODEL = '${old}'\n`],
  [
    'a renamed constant',
    `import { MODEL as M } from './models.js'\n`,
    'M',
    `export const MODEL = '${old}'\n`,
  ],
  [
    'a member of an object among others',
    `import { MODELS } from './models'\n`,
    'MODELS.main',
    `export const MODELS = {\n  main: '${old}',\n  fast: 'claude-3-5-haiku-20241022',\n} as const\n`,
  ],
  [
    'a member by its key',
    `import { MODELS } from './models'\n`,
    "MODELS['main']",
    `export const MODELS = Object.freeze({ main: '${old}' })\n`,
  ],
  [
    'a constant of a namespace',
    `import * as models from './models'\n`,
    'models.MODEL',
    `export const MODEL: string = process.env.MODEL ?? '${old}'\n`,
  ],
  [
    'a member of an enum',
    `import { Models } from './models'\n`,
    'Models.Main',
    `export enum Models {\n  Main = '${old}',\n  Fast = 'claude-3-5-haiku-20241022',\n}\n`,
  ],
  [
    'a default export',
    `import config from './models'\n`,
    'config.model',
    `export default { model: '${old}' }\n`,
  ],
  [
    'a module of CommonJS',
    `const { MODEL } = require('./models')\n`,
    'MODEL',
    `module.exports = { MODEL: '${old}' }\n`,
  ],
  [
    'a variable that holds an imported constant',
    `import { MODELS } from './models'\nconst model = MODELS.main\n`,
    'model',
    `export const MODELS = { main: '${old}' }\n`,
  ],
])('TypeScript: %s', (_, imports, expression, definition) => {
  const { texts } = migrate({ 'src/ask.ts': imports + call(expression), 'src/models.ts': definition })

  expect(texts['src/ask.ts']).toBe(imports + moved(expression))
  expect(texts['src/models.ts']).toBe(definition.replace(old, 'claude-opus-5-5'))
})

const pythonCall = (model: string) =>
  `client.messages.create(model=${model}, max_tokens=10, temperature=0.5, messages=[])\n`

test.each([
  [
    'a constant of the package',
    'from .models import MODEL\n',
    'MODEL',
    'app/models.py',
    `MODEL = "${old}"\n`,
  ],
  [
    'a module of the package',
    'from . import models\n',
    'models.MODEL',
    'app/models.py',
    `MODEL = "${old}"\n`,
  ],
  [
    'a whole name',
    'from app.models import (\n    MODEL as M,  # main\n)\n',
    'M',
    'app/models.py',
    `MODEL = "${old}"\n`,
  ],
  ['a module beside it', 'import models\n', 'models.MODEL', 'app/models.py', `MODEL = "${old}"\n`],
  [
    'a key of a dictionary',
    'from app.models import MODELS\n',
    'MODELS["main"]',
    'app/models.py',
    `MODELS = {"main": "${old}", "fast": "claude-3-5-haiku-20241022"}\n`,
  ],
  [
    'a member of a class',
    'from .models import Models\n',
    'Models.MAIN',
    'app/models/__init__.py',
    `class Models:\n    MAIN = "${old}"\n    FAST = "claude-3-5-haiku-20241022"\n`,
  ],
])('Python: %s', (...[, imports, expression, path, definition]) => {
  const { texts } = migrate({ 'app/ask.py': imports + pythonCall(expression), [path]: definition })

  expect(texts['app/ask.py']).toBe(imports + pythonCall(expression).replace(' temperature=0.5,', ''))
  expect(texts[path]).toBe(definition.replace(old, 'claude-opus-5-5'))
})

test('a constant stays if one of the calls that use it would be refused, and so do all calls', () => {
  const files = {
    'a.ts': `import { MODEL } from './models'\n${call('MODEL')}`,
    'b.ts': `import { MODEL } from './models'\n${call('MODEL', "tool_choice: { type: 'any' }, ")}`,
    'models.ts': `export const MODEL = '${old}'\n`,
  }
  const { texts, findings } = migrate(files)

  expect(texts).toEqual(files)
  expect(findings.find(({ path }) => path === 'models.ts')?.message).toContain('(b.ts)')
  expect(findings.filter(({ severity }) => severity === 'breaks').map(({ path }) => path)).toEqual([
    'a.ts',
    'b.ts',
    'models.ts',
  ])
})

test('a second run changes nothing, and finds nothing', () => {
  const files = {
    'a.ts': `import { MODEL } from './models'\n${call('MODEL')}`,
    'models.ts': `export const MODEL = '${old}'\n`,
  }
  const again = migrate(migrate(files).texts)

  expect(again.findings).toEqual([])
})

test('a constant of the same name in a file that is not imported is not the model', () => {
  const files = {
    'a.ts': `import { MODEL } from './other'\n${call('MODEL')}`,
    'other.ts': "export const MODEL = 'gpt-5'\n",
    'models.ts': `export const MODEL = '${old}'\n`,
  }

  expect(migrate(files).texts['a.ts']).toBe(files['a.ts'])
})

test('the deployment of Foundry that another file uses is not renamed', () => {
  const files = {
    'a.py': `from anthropic import AnthropicFoundry\nfrom models import MODEL\n${pythonCall('MODEL')}`,
    'models.py': `MODEL = "${old}"\n`,
  }

  expect(migrate(files).texts).toEqual(files)
})
