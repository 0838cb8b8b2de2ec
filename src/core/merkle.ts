import { sameBytes } from './base64.ts'
import type { Sha256 } from './crypto.ts'

/**
 * The Merkle tree of RFC 6962. Leaves and inner nodes are hashed with different prefixes, so that
 * neither can be taken for the other.
 */

const hashBytes = 32

export function leafHash(sha256: Sha256, entry: Uint8Array): Uint8Array {
  return sha256(prefixed(0, entry))
}

function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(prefixed(1, left, right))
}

function prefixed(prefix: number, ...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 1))
  bytes[0] = prefix
  let at = 1
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A tree to which leaves are added: its perfect subtrees, the largest first. Small at any size. */
export interface Frontier {
  size: number
  peaks: readonly Uint8Array[]
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] }

export function grow(sha256: Sha256, { size, peaks }: Frontier, leaf: Uint8Array): Frontier {
  const next = [...peaks]
  let node = leaf
  // Each low bit that is set is a subtree that the new one completes to one of twice its size.
  for (let left = size; left % 2 === 1; left = Math.floor(left / 2)) {
    node = nodeHash(sha256, next.pop()!, node)
  }
  return { size: size + 1, peaks: [...next, node] }
}

export function rootOf(sha256: Sha256, { peaks }: Frontier): Uint8Array {
  if (peaks.length === 0) return sha256(new Uint8Array())
  return peaks.reduceRight((right, left) => nodeHash(sha256, left, right))
}

/** Whether these can be the subtrees of a tree of that size. */
export function isFrontier({ size, peaks }: Frontier): boolean {
  let bits = 0
  for (let left = size; left > 0; left = Math.floor(left / 2)) bits += left % 2
  return peaks.length === bits && peaks.every(({ length }) => length === hashBytes)
}

/** All perfect subtrees of a tree: level 0 holds the hashes of the leaves one after another. */
export interface HashedTree {
  sha256: Sha256
  levels: readonly Uint8Array[]
}

export function hashedTree(sha256: Sha256, leaves: Uint8Array): HashedTree {
  const levels = [leaves]
  for (let below = leaves; below.length >= 2 * hashBytes;) {
    const pairs = Math.floor(below.length / (2 * hashBytes))
    const level = new Uint8Array(pairs * hashBytes)
    for (let pair = 0; pair < pairs; pair++) {
      const children = below.subarray(2 * pair * hashBytes, 2 * (pair + 1) * hashBytes)
      level.set(sha256(prefixed(1, children)), pair * hashBytes)
    }
    levels.push(level)
    below = level
  }
  return { sha256, levels }
}

/** The hash of the leaves from `start` up to, not including, `end`. */
function subtree(tree: HashedTree, start: number, end: number): Uint8Array {
  const count = end - start
  if (count === 0) return tree.sha256(new Uint8Array())
  const split = splitOf(count)
  if (split * 2 === count || count === 1) {
    const level = tree.levels[Math.log2(count)]!
    return level.slice((start / count) * hashBytes, (start / count + 1) * hashBytes)
  }
  return nodeHash(
    tree.sha256,
    subtree(tree, start, start + split),
    subtree(tree, start + split, end),
  )
}

/** The largest power of two below `count`, where a tree of so many leaves is divided. */
function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

export function rootAt(tree: HashedTree, size: number): Uint8Array {
  return subtree(tree, 0, size)
}

/** What proves that leaf `index` (from 0) is in the tree of the first `size` leaves. */
export function inclusionProof(tree: HashedTree, index: number, size: number): Uint8Array[] {
  const path = (start: number, end: number): Uint8Array[] => {
    if (end - start === 1) return []
    const middle = start + splitOf(end - start)
    return index < middle
      ? [...path(start, middle), subtree(tree, middle, end)]
      : [...path(middle, end), subtree(tree, start, middle)]
  }
  return path(0, size)
}

/** What proves that the tree of the first `first` leaves is the beginning of the one of `size`. */
export function consistencyProof(tree: HashedTree, first: number, size: number): Uint8Array[] {
  const path = (start: number, end: number, whole: boolean): Uint8Array[] => {
    if (end === first) return whole ? [] : [subtree(tree, start, end)]
    const middle = start + splitOf(end - start)
    return first <= middle
      ? [...path(start, middle, whole), subtree(tree, middle, end)]
      : [...path(middle, end, false), subtree(tree, start, middle)]
  }
  return first === 0 || first === size ? [] : path(0, size, true)
}

export interface Inclusion {
  index: number
  size: number
  leaf: Uint8Array
  path: readonly Uint8Array[]
  root: Uint8Array
}

/** RFC 9162, section 2.1.3.2. */
export function verifyInclusion(sha256: Sha256, proof: Inclusion): boolean {
  const { index, size, leaf, path, root } = proof
  if (!isIndex(index) || !isIndex(size) || index >= size) return false
  let [at, last, hash] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sha256, sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
    } else {
      hash = nodeHash(sha256, hash, sibling)
    }
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 && sameBytes(hash, root)
}

export interface Consistency {
  first: number
  size: number
  firstRoot: Uint8Array
  root: Uint8Array
  path: readonly Uint8Array[]
}

/** RFC 9162, section 2.1.4.2; an empty tree is the beginning of each. */
export function verifyConsistency(sha256: Sha256, proof: Consistency): boolean {
  const { first, size, firstRoot, root, path } = proof
  if (!isIndex(first) || !isIndex(size) || first > size) return false
  if (first === size) return path.length === 0 && sameBytes(firstRoot, root)
  if (first === 0) return path.length === 0 && sameBytes(firstRoot, sha256(new Uint8Array()))
  if (path.length === 0) return false
  // A perfect first tree is its own first node, which the proof leaves out.
  const nodes = Number.isInteger(Math.log2(first)) ? [firstRoot, ...path] : path
  const roots = rootsFrom(sha256, nodes, first, size)
  return roots !== null && sameBytes(roots.older, firstRoot) && sameBytes(roots.newer, root)
}

/** The two roots that the nodes of a consistency proof add up to; null when they do not fit the sizes. */
function rootsFrom(sha256: Sha256, nodes: readonly Uint8Array[], first: number, size: number) {
  let [at, last] = [first - 1, size - 1]
  while (at % 2 === 1) [at, last] = [half(at), half(last)]
  let [older, newer] = [nodes[0]!, nodes[0]!]
  for (const node of nodes.slice(1)) {
    if (last === 0) return null
    if (at % 2 === 1 || at === last) {
      older = nodeHash(sha256, node, older)
      newer = nodeHash(sha256, node, newer)
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
    } else {
      newer = nodeHash(sha256, newer, node)
    }
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 ? { older, newer } : null
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function half(value: number): number {
  return Math.floor(value / 2)
}
