import { describe, expect, it } from 'vitest'
import { crypto } from '../../src/adapters/runtime/crypto.ts'
import {
  consistencyProof,
  emptyFrontier,
  grow,
  hashedTree,
  inclusionProof,
  isFrontier,
  leafHash,
  rootAt,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../src/core/merkle.ts'

// The reference vectors of Certificate Transparency's Merkle tree (RFC 6962).
const entries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'))

const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

/** Hashes of the perfect subtrees, by their size. */
const nodes = {
  leaves: [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
    '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    '4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658',
    'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
    '46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1',
  ],
  pairs: [
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  ],
  fours: [
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ],
}

const { sha256 } = crypto
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => Buffer.from(text, 'hex')
const leaves = entries.map((entry) => leafHash(sha256, entry))
const tree = hashedTree(sha256, Buffer.concat(leaves))
const { leaves: L, pairs: P, fours: F } = nodes

function frontierOf(size: number) {
  return leaves.slice(0, size).reduce((at, leaf) => grow(sha256, at, leaf), emptyFrontier)
}

describe('the published vectors', () => {
  it('hold for leaves and roots, grown leaf by leaf and at once', () => {
    expect(leaves.map(hex)).toEqual(L)
    for (const [size, root] of roots.entries()) {
      expect(hex(rootOf(sha256, frontierOf(size)))).toBe(root)
      expect(hex(rootAt(tree, size))).toBe(root)
    }
  })

  it.each([
    [0, 1, []],
    [0, 8, [L[1], P[1], F[1]]],
    [5, 8, [L[4], P[3], F[0]]],
    [2, 3, [P[0]]],
    [1, 5, [L[0], P[1], L[4]]],
  ])('hold for the path of leaf %i in a tree of %i', (index, size, path) => {
    expect(inclusionProof(tree, index, size).map(hex)).toEqual(path)
  })

  it.each([
    [1, 1, []],
    [1, 8, [L[1], P[1], F[1]]],
    [6, 8, [P[2], P[3], F[0]]],
    [2, 5, [P[1], L[4]]],
  ])('hold for the consistency of %i with %i', (first, size, path) => {
    expect(consistencyProof(tree, first, size).map(hex)).toEqual(path)
  })
})

describe('proofs', () => {
  const many = Array.from({ length: 70 }, (_, at) => leafHash(sha256, Buffer.from(`${at}`)))
  const large = hashedTree(sha256, Buffer.concat(many))

  it('of inclusion hold for their leaf, place, size and root only', () => {
    for (const size of [1, 2, 3, 7, 8, 21, 33, 64, 70]) {
      for (let index = 0; index < size; index++) {
        const path = inclusionProof(large, index, size)
        const proof = { index, size, leaf: many[index]!, path, root: rootAt(large, size) }
        expect(verifyInclusion(sha256, proof)).toBe(true)
        expect(verifyInclusion(sha256, { ...proof, leaf: bytes(L[3]!) })).toBe(false)
        expect(verifyInclusion(sha256, { ...proof, root: bytes(L[3]!) })).toBe(false)
        expect(verifyInclusion(sha256, { ...proof, path: [...path, bytes(L[3]!)] })).toBe(false)
        expect(verifyInclusion(sha256, { ...proof, index: size })).toBe(false)
        expect(verifyInclusion(sha256, { ...proof, index: index + 0.5 })).toBe(false)
        if (size === 1) continue
        expect(verifyInclusion(sha256, { ...proof, index: (index + 1) % size })).toBe(false)
        expect(verifyInclusion(sha256, { ...proof, path: path.slice(1) })).toBe(false)
      }
    }
  })

  it('of consistency hold for the two roots only', () => {
    for (const size of [1, 2, 3, 7, 8, 21, 33, 64, 70]) {
      for (let first = 0; first <= size; first++) {
        const path = consistencyProof(large, first, size)
        const [firstRoot, root] = [rootAt(large, first), rootAt(large, size)]
        const proof = { first, size, firstRoot, root, path }
        expect(verifyConsistency(sha256, proof)).toBe(true)
        expect(verifyConsistency(sha256, { ...proof, root: bytes(L[3]!) })).toBe(first === 0)
        expect(verifyConsistency(sha256, { ...proof, firstRoot: bytes(L[3]!) })).toBe(false)
        expect(verifyConsistency(sha256, { ...proof, path: [...path, root] })).toBe(false)
        if (path.length > 0)
          expect(verifyConsistency(sha256, { ...proof, path: path.slice(1) })).toBe(false)
      }
    }
    const proof = { first: 3, size: 2, firstRoot: leaves[0]!, root: leaves[0]!, path: [] }
    expect(verifyConsistency(sha256, proof)).toBe(false)
  })

  it('are not mistaken for a tree that goes on from other subtrees', () => {
    const { peaks } = frontierOf(6)
    expect(isFrontier({ size: 6, peaks })).toBe(true)
    expect(isFrontier({ size: 7, peaks })).toBe(false)
    expect(isFrontier({ size: 6, peaks: [peaks[0]!, new Uint8Array(31)] })).toBe(false)
  })
})
