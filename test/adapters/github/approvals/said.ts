import { expect } from 'vitest'
import type { Hub } from '../../../hub/hub.ts'

/** A request to the API as somebody makes it without gonogo. */
export async function api<T>(
  hub: Hub,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${hub.apiUrl}/repos/${hub.repository}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect(response.status, text).toBeLessThan(300)
  return (text === '' ? null : JSON.parse(text)) as T
}

/** What somebody writes into an issue; gives the id of the comment. */
export async function say(hub: Hub, token: string, issue: number, body: string): Promise<number> {
  const path = `/issues/${issue}/comments`
  return (await api<{ id: number }>(hub, token, 'POST', path, { body })).id
}

/** The line of an issue that has the code of its request. */
export async function codeIn(hub: Hub, issue: number): Promise<string> {
  const { body } = await api<{ body: string }>(hub, hub.token, 'GET', `/issues/${issue}`)
  return /^\/approve ([0-9a-f]+)$/m.exec(body)![1]!
}
