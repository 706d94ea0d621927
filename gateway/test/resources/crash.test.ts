import { expect, test } from 'vitest'

import { openLedger } from '../../src/ledger/ledger.ts'
import { readRows, temporaryFolder } from '../running-gateway.ts'
import { batchBody, storedItems, succeeded, succeededNanoUsd, sendRequest } from './batches.ts'
import { startKeepingUpstream } from './keeping-upstream.ts'
import { startProcess } from './start-process.ts'

test('keeps every batch whose client got its id after kill -9, and settles it', async () => {
  const upstream = await startKeepingUpstream()
  const dataFolder = temporaryFolder()
  const told: string[] = []
  for (let round = 0; round < 3; round += 1) {
    const first = await startProcess(dataFolder, upstream.url)
    // Kill it while others are still being created.
    const making = Array.from({ length: 12 }, () => create(first.url).then((id) => told.push(id)))
    const made = Promise.allSettled(making)
    await Promise.any(making)
    await first.kill()
    await made
  }
  const killed = await startProcess(dataFolder, upstream.url)
  const [one = ''] = told
  let cut = false
  upstream.before(new RegExp(`${one}/results`), async () => {
    if (cut) return
    cut = true
    await killed.kill()
  })
  for (const id of told) upstream.end(id, [`${succeeded('a')}\n`, succeeded('b')])
  await expect(sendRequest(killed, 'GET', `/v1/messages/batches/${one}/results`)).rejects.toThrow()

  const last = await startProcess(dataFolder, upstream.url)
  const listed = await sendRequest(last, 'GET', '/v1/messages/batches?limit=1000')
  const answers = await Promise.all(
    told.map((id) => sendRequest(last, 'GET', `/v1/messages/batches/${id}/results`)),
  )
  await last.kill()
  // The next start stores what is in the journal.
  const ledger = await openLedger({ dataFolder })
  await ledger.close()

  const ids = (JSON.parse(listed.text) as { data: { id: string }[] }).data.map(({ id }) => id) // The shape of a list.
  expect(told.length).toBeGreaterThanOrEqual(3)
  expect(told.filter((id) => !ids.includes(id))).toEqual([])
  expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  const rows = readRows(dataFolder)
  expect(rows).toHaveLength(2 * told.length)
  expect(rows.filter((row) => row['cost_nano_usd'] !== succeededNanoUsd)).toEqual([])
  const settled = storedItems({ dataFolder }).filter((resource) => resource.settled_at_ms !== null)
  expect(settled.map(({ id }) => id).toSorted()).toEqual(told.toSorted())
})

async function create(url: string): Promise<string> {
  const answer = await sendRequest({ url }, 'POST', '/v1/messages/batches', { body: batchBody() })
  return (JSON.parse(answer.text) as { id: string }).id // The upstream of these tests prints it.
}
