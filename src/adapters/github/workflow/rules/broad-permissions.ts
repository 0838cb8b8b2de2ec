import type { Permissions } from '../model.ts'
import type { Rule } from '../rule.ts'
import { finding } from './finding.ts'
import { filesOf } from './jobs.ts'

const name = 'broad-permissions'

/** The token of a run is given to every action in it. */
export const broadPermissions: Rule = {
  name,
  check(context) {
    return filesOf(context).flatMap((workflow) => {
      const { permissions, jobs } = workflow
      const all = [permissions, ...jobs.map((job) => job.permissions)].filter(isWriteAll)
      const open = permissions === null ? jobs.filter((job) => job.permissions === null) : []
      const fix = 'set "permissions: {}" for the workflow, and for each job what it needs'
      const ids = open.map(({ id }) => id).join(', ')
      const message = `no permissions are set for ${ids}: the token gets the repository's default, which may write everything`
      return [
        ...all.map((place) => {
          const told = { message: 'the token may write everything in this repository', fix }
          return finding(context, name, 'warning', { workflow, place }, told)
        }),
        // A called file has at most what its caller gives it.
        ...(open.length === 0 || workflow.file !== context.workflow.file
          ? []
          : [finding(context, name, 'warning', { workflow, place: open[0]! }, { message, fix })]),
      ]
    })
  },
}

function isWriteAll(permissions: Permissions | null): permissions is Permissions {
  return permissions?.all === 'write-all'
}
