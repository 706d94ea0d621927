import type { ServerResponse } from 'node:http'

import { startUpstream } from '../recording-upstream.ts'
import type { RecordedRequest, RecordingUpstream } from '../recording-upstream.ts'
import { errorBody, message } from '../samples.ts'

/** A real server that stores batches and files as the API does; their JSON has whitespace that no printer writes. */
export interface KeepingUpstream extends RecordingUpstream {
  /** Ends a batch with these results, sent in these chunks. */
  end(id: string, results: readonly (string | Uint8Array)[]): void
  /** Removes an object, as if another client had deleted it. */
  lose(id: string): void
  archive(id: string): void
  /** Awaited before a response for this path is sent. */
  before(path: RegExp, act: (response: ServerResponse) => Promise<void> | void): void
  readonly ids: readonly string[]
}

interface Batch {
  archived: boolean
  results: readonly (string | Uint8Array)[] | null
}

export async function startKeepingUpstream(): Promise<KeepingUpstream> {
  const batches = new Map<string, Batch>()
  const files = new Map<string, Buffer>()
  const ids: string[] = []
  const gates: { path: RegExp; act: (response: ServerResponse) => Promise<void> | void }[] = []

  function take(id: string): string {
    ids.push(id)
    return id
  }

  async function script(response: ServerResponse, request: RecordedRequest): Promise<void> {
    const path = request.target.split('?')[0] ?? ''
    for (const gate of gates) if (gate.path.test(`${request.method} ${path}`)) await gate.act(response)
    if (response.headersSent || response.destroyed) return
    const [, kind, id = '', action = ''] =
      /^\/v1\/(messages\/batches|files)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(path) ?? []
    if (kind === undefined) return json(response, 200, message)
    if (kind === 'files') return serveFile(response, request, id, action)
    return serveBatch(response, request, id, action)
  }

  async function serveBatch(response: ServerResponse, request: RecordedRequest, id: string, action: string) {
    if (id === '') {
      const made = take(`msgbatch_${ids.length + 1}`)
      batches.set(made, { archived: false, results: null })
      return json(response, 200, batchObject(request, made, { archived: false, results: null }))
    }
    const batch = batches.get(id)
    if (batch === undefined) return json(response, 404, errorBody('not_found_error', `no ${id} here`))
    if (action === 'results') {
      if (batch.results === null || batch.archived)
        return json(response, 404, errorBody('not_found_error', `no results of ${id}`))
      response.writeHead(200, { 'content-type': 'application/x-jsonl', 'content-disposition': 'attachment' })
      for (const chunk of batch.results) await write(response, chunk)
      response.end()
      return
    }
    if (request.method === 'DELETE') {
      if (batch.results === null) return json(response, 400, errorBody('invalid_request_error', 'running'))
      batches.delete(id)
      return json(response, 200, `{"id": "${id}",  "type": "message_batch_deleted"}`)
    }
    return json(response, 200, batchObject(request, id, batch))
  }

  function serveFile(response: ServerResponse, request: RecordedRequest, id: string, action: string) {
    if (id === '') {
      const made = take(`file_${ids.length + 1}`)
      files.set(made, request.body)
      return json(response, 200, `{"id": "${made}",  "type": "file", "size_bytes": ${request.body.length}}`)
    }
    const file = files.get(id)
    if (file === undefined) return json(response, 404, errorBody('not_found_error', `no ${id} here`))
    if (action === 'content') {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      response.end(file)
      return
    }
    if (request.method === 'DELETE') {
      files.delete(id)
      return json(response, 200, `{"id": "${id}",  "type": "file_deleted"}`)
    }
    return json(response, 200, `{"id": "${id}",  "type": "file"}`)
  }

  const upstream = await startUpstream(script)
  return {
    ...upstream,
    ids,
    end: (id, results) => batches.set(id, { archived: false, results }),
    archive: (id) => batches.set(id, { archived: true, results: [] }),
    lose(id) {
      batches.delete(id)
      files.delete(id)
    },
    before: (path, act) => gates.push({ path, act }),
  }
}

/** A batch as the upstream prints it; `home` is the origin of its results_url. */
export function batchText(id: string, status: string, home: string | null, archived = false): string {
  const url = home === null ? 'null' : `"${home}/v1/messages/batches/${id}/results"`
  return `{"id": "${id}",  "type":"message_batch","processing_status": "${status}",
 "archived_at": ${archived ? '"2026-11-22T00:00:00Z"' : 'null'}, "results_url" : ${url} ,"x":"\\u00e9"}`
}

function batchObject(request: RecordedRequest, id: string, batch: Batch): string {
  const ended = batch.results !== null
  const home = ended ? `http://${request.headers.host ?? ''}` : null
  return batchText(id, ended ? 'ended' : 'in_progress', home, batch.archived)
}

function json(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_of_the_upstream' })
  response.end(body)
}

function write(response: ServerResponse, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(chunk, () => setImmediate(resolve))
  })
}
