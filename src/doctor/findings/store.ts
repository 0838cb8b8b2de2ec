import { statfs } from 'node:fs/promises'
import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { fail, note, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { existingPart, statOf, writable } from '../places.ts'

const mebibyte = 1024 * 1024
const fullBelow = 100 * mebibyte
const scarceBelow = 1024 * mebibyte

/** Whether the store can be used, without using it. */
export async function storeFindings(patient: Patient): Promise<Finding[]> {
  const directory = patient.call.project.state_directory
  return [
    ...(await content(patient)),
    await place(directory),
    await space(await existingPart(directory)),
  ]
}

async function content({ records }: Patient): Promise<Finding[]> {
  try {
    const found = await records()
    if (found === null)
      return [note('store', 'there is no store yet: the first call makes it', 'gonogo list')]
    const { file, schema, schema_known, damage, seen } = found
    if (damage.length > 0) return [damaged(file, damage)]
    if (schema !== schema_known) return [otherSchema(file, schema, schema_known)]
    if (!(await writable(file)))
      return [fail('store', `this user may not write to ${file}`, `ls -l ${file}`)]
    const count = `${seen?.total ?? 0} deployment(s)`
    return [ok('store', `${file} opens and is sound (quick check): ${count}, tables ${schema}`)]
  } catch (error) {
    const { message, hint } = toFailure(error)
    return [fail('store', oneLine(message, 300), oneLine(hint, 300))]
  }
}

function damaged(file: string, damage: readonly string[]): Finding {
  const fix = `restore a backup; or mv ${file} ${file}.damaged (its history and approvals are lost)`
  return fail('store', `${file} is damaged: ${oneLine(damage[0] ?? '', 160)}`, fix)
}

function otherSchema(file: string, schema: number, known: number): Finding {
  const message = `${file} has tables of version ${schema}, this gonogo knows ${known}`
  return schema > known
    ? fail(
        'store_schema',
        `${message}: a newer gonogo wrote it`,
        'gonogo --version, then update it',
      )
    : note('store_schema', `${message}: the next call brings it up to date`, 'gonogo list')
}

async function place(directory: string): Promise<Finding> {
  const found = await statOf(directory)
  const part = await existingPart(directory)
  if (found && !found.isDirectory())
    return fail('state_directory', `${directory} is no directory`, `ls -ld ${directory}`)
  if (!(await writable(part)))
    return fail('state_directory', `this user may not write to ${part}`, `ls -ld ${part}`)
  if (!found) return ok('state_directory', `${directory} will be made when it is needed`)
  const mode = found.mode & 0o777
  if ((mode & 0o077) === 0) return ok('state_directory', `${directory} is this user's alone`)
  const message = `others can look into ${directory} (mode ${mode.toString(8)}): plans and logs are there`
  return warn('state_directory', message, `chmod 700 ${directory}`)
}

async function space(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  const message = `${inWords(free)} free for ${directory}`
  if (free >= scarceBelow) return ok('disk_space', message)
  const judge = free < fullBelow ? fail : warn
  return judge('disk_space', `only ${message}`, `df -h ${directory}`)
}

function inWords(bytes: number): string {
  const mebibytes = bytes / mebibyte
  if (mebibytes < 1024) return `${Math.floor(mebibytes)} MiB`
  return `${(mebibytes / 1024).toFixed(1)} GiB`
}
