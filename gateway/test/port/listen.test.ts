import { createServer } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { listen } from '../../src/port/listen.ts'

const address = { host: '127.0.0.1', scheme: 'http' } as const

test('says which port is in use', async () => {
  const [first, second] = [createServer(), createServer()]
  onTestFinished(() => void first.close())
  const { url, port } = await listen(first, { ...address, port: 0 })

  expect(url).toBe(`http://127.0.0.1:${port}`)
  await expect(listen(second, { ...address, port })).rejects.toMatchObject({ code: 'address_in_use' })
})

test('a connection that cannot be accepted ends nothing else, however many there are', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  await listen(server, { ...address, port: 0 })

  // As Node tells of one for which the system has no memory left.
  const fail = () => server.emit('error', Object.assign(new Error('accept ENOBUFS'), { code: 'ENOBUFS' }))

  expect([fail(), fail(), fail()]).toEqual([true, true, true])
  expect(server.listening).toBe(true)
})
