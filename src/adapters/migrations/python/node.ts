import type { SgNode } from '@ast-grep/napi'
import { oneLine } from '../../../core/text.ts'

export type PyNode = SgNode

/** The parts of a node that mean something: no punctuation, no comments. */
export function partsOf(node: PyNode): PyNode[] {
  return node.namedChildren().filter((child) => child.kind() !== 'comment')
}

/** From 1. */
export function lineOf(node: PyNode): number {
  return node.range().start.line + 1
}

/** As it stands in the file, on one line; of something with a body only what comes before it. */
export function shown(node: PyNode): string {
  const body = node.field('body') ?? node.field('consequence')
  const text = node.text()
  if (!body) return oneLine(text, longestStatement)
  return oneLine(
    text.slice(0, body.range().start.index - node.range().start.index),
    longestStatement,
  )
}

const longestStatement = 300
