import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'

/** Listens with the shortest queue, sends the port, and blocks, so that this thread never accepts a connection. */
const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort?.postMessage((server.address() as AddressInfo).port) // A listening TCP server has an address with a port.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
