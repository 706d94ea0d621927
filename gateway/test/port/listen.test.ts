import { createServer } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { listen } from '../../src/port/listen.ts'

const address = { host: '127.0.0.1', scheme: 'http' } as const

test('names the port that is in use', async () => {
  const [first, second] = [createServer(), createServer()]
  onTestFinished(() => void first.close())
  const { url, port } = await listen(first, { ...address, port: 0 })

  expect(url).toBe(`http://127.0.0.1:${port}`)
  await expect(listen(second, { ...address, port })).rejects.toMatchObject({ code: 'address_in_use' })
})

test('connections that cannot be accepted do not affect others', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  await listen(server, { ...address, port: 0 })

  // As Node emits it when the system has no memory left.
  const fail = () => server.emit('error', Object.assign(new Error('accept ENOBUFS'), { code: 'ENOBUFS' }))

  expect([fail(), fail(), fail()]).toEqual([true, true, true])
  expect(server.listening).toBe(true)
})
