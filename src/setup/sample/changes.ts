import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sampleFiles } from './files.ts'

type Json = Record<string, unknown>
interface Lock extends Json {
  packages: { '': Json; [path: string]: Json }
}

export async function addNotes(directory: string): Promise<void> {
  await copyOver('v1.1.0', directory)
  await setVersion(directory, '1.1.0')
}

/** The tests run in an environment of their own and pass; only production shows the fault. */
export async function breakInProduction(directory: string): Promise<void> {
  const appointments = { status: 500, environments: ['production'] }
  await editJson(join(directory, 'faults.json'), (faults) => ({ ...faults, appointments }))
  await setVersion(directory, '1.2.0')
}

/** The credentials are assembled here, so that no file of this repository looks like a leak. */
export async function leakCredentials(directory: string): Promise<void> {
  const accessKeyId = ['AKIA', 'NOTAREALKEY', '23456'].join('')
  const secretAccessKey = ['ThisSecretIsPlanted', 'ForTheDemo', 'NotReal2345'].join('')
  const source = `// @ts-check

export const letterStore = {
  accessKeyId: '${accessKeyId}',
  secretAccessKey: '${secretAccessKey}',
}
`
  await writeFile(join(directory, 'src', 'letter-store.js'), source)
}

export async function dependOnVulnerableLodash(directory: string): Promise<void> {
  const dependencies = { lodash: '4.17.15' }
  await editJson(join(directory, 'package.json'), (manifest) => ({ ...manifest, dependencies }))
  await editLock(directory, (lock) => {
    lock.packages[''].dependencies = dependencies
    lock.packages['node_modules/lodash'] = {
      version: dependencies.lodash,
      integrity:
        'sha512-8xOcRHvCjnocdS5cpwXQXVzmmh5e5+saE2QGoeQmbKmRS6J3VQppPOIt0MnmE+4xlZoumy0GPG0D0MVIQbNA1A==',
      license: 'MIT',
    }
  })
}

export async function addFailingTest(directory: string): Promise<void> {
  await copyOver('red', directory)
}

async function copyOver(change: string, directory: string): Promise<void> {
  await cp(sampleFiles('clinic-history', change), directory, { recursive: true })
}

async function setVersion(directory: string, version: string): Promise<void> {
  await editJson(join(directory, 'package.json'), (manifest) => ({ ...manifest, version }))
  await editLock(directory, (lock) => {
    lock.version = version
    lock.packages[''].version = version
  })
}

async function editLock(directory: string, edit: (lock: Lock) => void): Promise<void> {
  await editJson(join(directory, 'package-lock.json'), (json) => {
    const lock = json as Lock
    edit(lock)
    return lock
  })
}

async function editJson(file: string, edit: (json: Json) => Json): Promise<void> {
  const edited = edit(JSON.parse(await readFile(file, 'utf8')) as Json)
  await writeFile(file, `${JSON.stringify(edited, null, 2)}\n`)
}
