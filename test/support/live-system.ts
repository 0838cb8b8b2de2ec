import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A live system that answers every request with the commit it is told to run. */
export interface LiveSystem {
  url: string
  commit: string
  close(): Promise<void>
}

export async function startLiveSystem(): Promise<LiveSystem> {
  const server = createServer((_request, response) => {
    response.setHeader('connection', 'close').end(JSON.stringify({ commit: system.commit }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const system: LiveSystem = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commit: '',
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return system
}
