// Preloaded with `--import`: kills this process, as a power cut would, when it reaches the point named
// by GONOGO_TEST_KILL_AT, or by this module's `?point=` where the variable does not get through. With
// `?mark=FILE` only the first of several processes is killed: the one that creates that file.
import { subscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'

const options = new URL(import.meta.url).searchParams
const fatal = process.env.GONOGO_TEST_KILL_AT ?? options.get('point')
const mark = options.get('mark')

subscribe('gonogo.step', ({ point }) => {
  if (point === fatal && (mark === null || isFirst(mark))) process.kill(process.pid, 'SIGKILL')
})

function isFirst(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}
