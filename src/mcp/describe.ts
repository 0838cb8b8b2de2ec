import type { Tool as McpTool } from '@modelcontextprotocol/server'
import * as z from 'zod'
import type { Effect, Tool } from '../tools/define-tool.ts'

/** Hints for clients, from the effect alone; what is allowed is decided elsewhere. */
const annotations: Record<Effect, Record<string, boolean>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  // Probes run a commit's tests and send requests that may write, so "read only" would be a lie.
  probe: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  write: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  destructive: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: true,
  },
}

interface ObjectSchema {
  properties: Record<string, Record<string, unknown>>
  required?: string[]
}

/** A tool as `tools/list` shows it. */
export function describeTool(tool: Tool): McpTool {
  const { name, title, description } = tool
  const definition = {
    name,
    title,
    description,
    inputSchema: jsonSchema(tool.input, 'input'),
    outputSchema: shallow(jsonSchema(tool.output, 'output')),
    annotations: annotations[tool.effect],
  }
  return definition as unknown as McpTool
}

function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): ObjectSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io })
  return rest as ObjectSchema
}

/**
 * The fields and their types, without the insides of arrays and objects. Every definition is paid for
 * in every conversation; the whole shapes are in docs/tools.md, and results are checked against them.
 */
function shallow(schema: ObjectSchema) {
  const properties = Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [name, outline(property)]),
  )
  const required = schema.required ?? []
  return { type: 'object', properties, required }
}

function outline(property: Record<string, unknown>): Record<string, unknown> {
  if (Array.isArray(property.anyOf)) {
    return { type: (property.anyOf as { type: string }[]).map((option) => option.type) }
  }
  return { type: property.type }
}
