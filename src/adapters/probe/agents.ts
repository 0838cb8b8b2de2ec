import http from 'node:http'
import https from 'node:https'

/** Connections of one run that are used again. */
export interface Agents {
  of(url: URL): http.Agent
  /** Closes all of them, used or not. */
  destroy(): void
}

const maxSockets = 64

/** Agents that keep connections open until the run ends. */
export function createAgents(): Agents {
  const options = { keepAlive: true, maxSockets, scheduling: 'lifo' } as const
  const plain = new http.Agent(options)
  const secure = new https.Agent(options)
  return {
    of: ({ protocol }) => (protocol === 'https:' ? secure : plain),
    destroy() {
      plain.destroy()
      secure.destroy()
    },
  }
}
