import { afterAll, expect, onTestFinished, test } from 'vitest'

import { findPython } from './python.ts'
import { startTarget } from './rig.ts'

// boto3 and Anthropic's Python SDK for the clouds: an extra check if a Python has them.
const python = await findPython({
  modules: ['boto3', 'google.auth', 'anthropic'],
  packages: ['boto3', 'anthropic[bedrock,vertex]'],
})

if (python.ok) {
  afterAll(() => python.close())

  test(`boto3 and the Python SDK ${python.version} call through the gateway`, async () => {
    const target = await startTarget('gateway with emulator')
    onTestFinished(() => target.close())
    const { baseUrl, key, aws } = target

    const told = JSON.parse(
      await python.run('python-calls.py', baseUrl, key, aws?.accessKeyId ?? '', aws?.secretAccessKey ?? ''),
    )

    const [text] = told.boto3.texts
    expect(text).toMatch(/\w/)
    expect(told.boto3).toEqual({
      texts: [text, text, text, text],
      tokens: [told.boto3.tokens[0], told.boto3.tokens[0]],
      profiles: expect.arrayContaining(['us.anthropic.claude-opus-4-5-20251101-v1:0']),
      errors: [
        ['ValidationException', 400],
        ['ValidationException', 400],
        ['InvalidSignatureException', 403],
      ],
    })
    for (const platform of ['bedrock', 'vertex']) {
      expect(told[platform], platform).toEqual({
        texts: [text, text],
        errors: [
          ['BadRequestError', 400],
          // Bedrock reports an invalid identifier, not an unknown one.
          platform === 'bedrock' ? ['BadRequestError', 400] : ['NotFoundError', 404],
        ],
      })
    }
    const rows = target.calls().filter((call) => call['outcome'] === 'answered')
    expect(rows.map((call) => String(call['protocol'])).toSorted()).toEqual([
      ...Array<string>(6).fill('bedrock'),
      ...Array<string>(2).fill('vertex'),
    ])
    expect(rows.every((call) => call['key_id'] === 'local')).toBe(true)
  })
} else {
  test(`boto3 was not run: ${python.because}`, () => {
    expect(python.because).not.toBe('')
  })
}
