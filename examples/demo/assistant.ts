import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { setTimeout as sleep } from 'node:timers/promises'
import { screen } from './screen.ts'

export type Output = Record<string, unknown>

/** What an assistant sees of a call. */
export interface Answer {
  output: Output
  /** The first line of the text: the sentence. */
  text: string
  isError: boolean
}

/** A real MCP client over stdio; only the words of the conversation are scripted. */
export interface Assistant {
  tools(): Promise<string[]>
  call(tool: string, args: Record<string, unknown>): Promise<Answer>
  /** Polls get_deployment_status until the deployment ends. */
  follow(deploymentId: string): Promise<Answer>
  leave(): Promise<void>
}

export async function startAssistant(
  command: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<Assistant> {
  const [program, ...args] = command
  const client = new Client({ name: 'demo-assistant', version: '1.0.0' })
  await client.connect(new StdioClientTransport({ command: program, args, env, stderr: 'inherit' }))

  async function request(tool: string, input: Record<string, unknown>): Promise<Answer> {
    const result = await client.callTool({ name: tool, arguments: input })
    const [first] = result.content as { type: string; text: string }[]
    const output = (result.structuredContent ?? {}) as Output
    return { output, text: first?.text.split('\n')[0] ?? '', isError: result.isError === true }
  }

  async function call(tool: string, input: Record<string, unknown>): Promise<Answer> {
    screen.call(tool, input)
    let answer = await request(tool, input)
    while (answer.output.pending === true) {
      await sleep(Number(answer.output.retry_after_s) * 1000)
      answer = await request(tool, input)
    }
    screen.answer(answer.text, !answer.isError && !answer.text.startsWith('NO-GO'))
    return answer
  }

  async function follow(deploymentId: string): Promise<Answer> {
    screen.call('get_deployment_status', { deployment_id: deploymentId })
    for (;;) {
      const answer = await request('get_deployment_status', { deployment_id: deploymentId })
      const { phase } = answer.output.deployment as { phase: string }
      if (phase === 'ended') {
        screen.answer(answer.text, answer.text.includes(': success'))
        return answer
      }
      await sleep(300)
    }
  }

  return {
    call,
    follow,
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    leave: () => client.close(),
  }
}
