import type { Hub } from '../../test/hub/hub.ts'
import type { Keyboard, Person } from './person.ts'
import { screen } from './screen.ts'

interface Issue {
  number: number
  title: string
  body: string
}

/** Somebody who approves in an issue, with a login and a token that gonogo does not have. */
export function hireLogin(hub: Hub, login: string, gonogo: Keyboard): Person {
  const token = hub.person(login)

  async function api<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${hub.apiUrl}/repos/${hub.repository}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return (await response.json()) as T
  }

  async function approve(id: string, environment: string, aloud = false): Promise<void> {
    const issues = await api<Issue[]>('GET', '/issues?state=open')
    const issue = issues.find(({ title }) => title.endsWith(`(${id})`))
    const command = issue?.body.split('\n').find((line) => line.startsWith('/approve '))
    if (!issue || !command) throw new Error(`no issue asks about ${id} for ${environment}`)
    screen.human(`as ${login}, in issue #${issue.number}: ${command}`)
    const lines = issue.body.split('\n').filter((line) => line !== '' && !line.startsWith('```'))
    for (const line of aloud ? lines : []) screen.detail(line)
    await api('POST', `/issues/${issue.number}/comments`, { body: command })
  }

  return { gonogo, approve }
}
