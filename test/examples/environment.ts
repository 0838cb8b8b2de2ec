import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { node } from './release.ts'
import type { Outcome } from './release.ts'

type Env = Record<string, string>

interface Answer {
  status: number
  body: unknown
}

/** One environment with its own port and data. */
export class Environment {
  readonly data: string
  readonly url: string
  readonly env: Env
  constructor(data: string, port: number) {
    this.data = data
    this.url = `http://127.0.0.1:${port}`
    this.env = {
      PORT: String(port),
      CLINIC_DATA: data,
      CLINIC_ENV: 'staging',
      SESSION_SECRET: 'a secret of at least 32 characters',
      CLINIC_ADMIN_PASSWORD: 'let me in',
    }
  }

  migrate(release: string): Promise<Outcome> {
    return node(release, ['ops/migrate.js'], this.env)
  }

  service(command: string, release: string, env: Env = {}): Promise<Outcome> {
    return node(release, ['ops/service.js', command], { ...this.env, ...env })
  }

  async deploy(release: string, env: Env = {}): Promise<number> {
    expect(await this.migrate(release)).toMatchObject({ code: 0 })
    expect(await this.service('restart', release, env)).toMatchObject({ code: 0, stderr: '' })
    return this.pid()
  }

  async pid(): Promise<number> {
    return (JSON.parse(await readFile(join(this.data, 'clinic.pid'), 'utf8')) as { pid: number })
      .pid
  }

  async call(request: string, body?: unknown, token?: string): Promise<Answer> {
    const [method = '', path = ''] = request.split(' ')
    const response = await fetch(this.url + path, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }

  async logIn(): Promise<string> {
    const { body } = await this.call('POST /login', { user: 'reception', password: 'let me in' })
    return (body as { token: string }).token
  }
}
