import { cp, mkdir, readdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  addFailingTest,
  addNotes,
  breakInProduction,
  dependOnVulnerableLodash,
  leakCredentials,
} from './changes.ts'
import { isBundled, sampleFiles } from './files.ts'
import { createRepository } from './repository.ts'

/** Commits by what is to be learned from them. */
export interface ClinicHistory {
  /** v1.0.0 on main: the service in examples/clinic */
  good1: string
  /** v1.1.0 on main: a feature with an additive migration */
  good2: string
  /** v1.2.0 on main: tests pass, POST /appointments fails in production */
  broken: string
  /** branch leaky, off good2: credentials in a source file */
  leaky: string
  /** branch vulnerable, off good2: a dependency with known vulnerabilities */
  vulnerable: string
  /** branch red, off good2: a failing test */
  red: string
}

/** Makes a git repository of the clinic, with good and bad releases, in a new or empty directory. */
export async function makeClinicRepository(directory: string): Promise<ClinicHistory> {
  await copyClinic(directory)
  const repository = await createRepository(directory)

  const release = async (message: string, tag: string): Promise<string> => {
    const sha = await repository.commit(message)
    await repository.tag(tag)
    return sha
  }
  const branch = async (
    name: string,
    message: string,
    change: (directory: string) => Promise<void>,
  ): Promise<string> => {
    await repository.branchFrom('v1.1.0', name)
    await change(directory)
    return repository.commit(message)
  }

  const good1 = await release('Book, list and cancel appointments', 'v1.0.0')
  await addNotes(directory)
  const good2 = await release('Keep a note with an appointment', 'v1.1.0')
  await breakInProduction(directory)
  const broken = await release('Fail appointments in production', 'v1.2.0')

  const leaky = await branch('leaky', 'Store letters in a bucket', leakCredentials)
  const vulnerable = await branch('vulnerable', 'Depend on lodash', dependOnVulnerableLodash)
  const red = await branch('red', 'Expect appointments to be movable', addFailingTest)

  await repository.switchTo('main')
  return { good1, good2, broken, leaky, vulnerable, red }
}

async function copyClinic(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  if ((await readdir(directory)).length > 0) throw new Error(`${directory} is not empty`)
  await cp(sampleFiles('clinic'), directory, {
    recursive: true,
    filter: (source) => basename(source) !== 'node_modules',
  })
  if (isBundled) await rename(join(directory, 'gitignore'), join(directory, '.gitignore'))
}
